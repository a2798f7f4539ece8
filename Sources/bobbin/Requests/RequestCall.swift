import Bundles
import Glibc
import Linux
import Runs
import Spool
import SystemPackage

/// One request to the daemon, and its answer as it grows.
struct RequestCall {
    private let view: SpoolView
    private let control: ControlFiles
    let name: EntryName

    /// Asks. Without a daemon nothing is asked: nobody would answer.
    init(asking request: ControlRequest, in view: SpoolView) throws(Failure) {
        if SpoolLock.isHeld(stateOf: view.root) == false {
            throw Failure(
                .noDaemon,
                "no daemon runs on \(view.path), and only it can do that; start one: bobbind --spool \(view.path)")
        }
        self.view = view
        control = try SpoolOption.control(of: view)
        do {
            name = try control.ask(request.json())
        } catch {
            throw Control.failure("ask", SpoolLayout.requests, error, in: view)
        }
    }

    /// Hands over the lines of the answer one by one, and returns the last.
    ///
    /// - Throws: why the daemon did not do it, or that there is no daemon any more; the request is taken back then.
    func answer(_ body: (AnswerLine) throws -> Void) throws -> AnswerLine {
        var pause = Pause()
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var file: OwnedDescriptor?
        let noteAt = MonotonicTime.now() + 10_000
        var isNoted = false
        while true {
            let opened = file?.rawValue
            let count: Int
            if let opened {
                count = try retrying { read(opened, &buffer, buffer.count) }
            } else {
                file = try control.answer(name)
                count = 0
            }
            if let opened, count == 0, let status = try? FileStatus.of(descriptor: opened), status.links == 0 {
                // A daemon that was started since answers anew; what was told already may come again.
                file = nil
                rest = []
                continue
            }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: 0x0A) {
                guard let line = AnswerLine(json: Array(rest[..<end])) else {
                    throw Failure(.internal, "the daemon's answer cannot be read; is it of another version?")
                }
                rest.removeSubrange(...end)
                if let word = line.end { return try finish(line, word) }
                try body(line)
            }
            if count > 0 || (opened == nil && file != nil) { continue }
            if SpoolLock.isHeld(stateOf: view.root) == false {
                // It is not asked of the next one unless somebody asks again.
                try? control.removeRequest(name)
                throw Failure(.noDaemon, "the daemon on \(view.path) has ended before it was done; ask again")
            }
            if !isNoted, file == nil, MonotonicTime.now() > noteAt {
                Console.note("waiting for the daemon on \(view.path) to answer")
                isNoted = true
            }
            pause.sleep()
        }
    }

    private func finish(_ line: AnswerLine, _ word: String) throws -> AnswerLine {
        if word == "done" { return line }
        let reason = escaped((line.reason ?? word).utf8)
        throw Failure(word == "refused" ? .no : .internal, reason)
    }
}
