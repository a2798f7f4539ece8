// How a log is followed. A run's stdout is one growing file in `active/QUEUE/NAME.RUN/`; the open descriptor stays good when
// the directory moves to the outbox. A log over its limit stops growing at half of it, and at the end the gap line and the
// last half come: appended to the same file, or in a new file that begins with the same bytes. So at the end what the result
// has beyond the bytes printed so far is the rest, whichever of the two happened. A new attempt begins a new file, and is
// told by the attempt's number, not by the file.

import Glibc
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

/// Prints a run's stdout or stderr.
struct LogReader {
    private let log: EntryName
    /// The attempt that was asked for, if it is not the last.
    private let earlier: Int?
    private var place: SpoolView.Found
    private var attempt: Int?
    private var printed: Int64 = 0
    private var filter = TerminalFilter()
    /// How far the run was, by its own words, when that was last said.
    private var progress: String?

    /// - Parameters:
    ///   - attempt: the attempt whose log it is as it begins.
    ///   - earlier: an earlier attempt to be read instead.
    init(_ log: EntryName, of place: SpoolView.Found, attempt: Int?, earlier: Int? = nil) {
        self.log = log
        self.earlier = earlier
        self.place = place
        self.attempt = attempt
    }

    /// Prints what there is now.
    mutating func copyAll(_ status: RunStatus) throws(Failure) {
        guard let file = try open() else {
            if status.state.isFinal { return }
            throw Failure(.no, "\(status.name) (\(status.run)) is \(status.state.rawValue) and has no output yet")
        }
        try copy(file)
        try finish()
    }

    /// Prints what there is and what comes, until the run is over.
    mutating func follow(_ finder: RunFinder) throws(Failure) {
        var file: OwnedDescriptor? = try open()
        var pause = Pause()
        while true {
            let before = printed
            switch file {
            case .some(let opened): try copy(opened)
            case .none: break
            }
            if printed != before { pause = Pause() }
            let look = try finder.look(.present(place))
            guard let now = look.place else {
                throw Failure(.no, "the result of run \(look.status.run) was deleted while its output was being read")
            }
            place = now
            tellProgress(look.status)
            if look.status.attempt != attempt {
                // The first attempt's number appears when it starts; from then on another number is another log.
                if attempt != nil {
                    // What the one before wrote last; its file was moved, not changed.
                    if case .some(let opened) = file { try copy(opened) }
                    printed = 0
                    Console.note("\(look.status.name): attempt \(look.status.attempt ?? 1)")
                }
                attempt = look.status.attempt
                file = nil
            }
            if look.status.state.isFinal {
                if let last = try open() { try copy(last) }
                return try finish()
            }
            if file == nil { file = try open() }
            pause.sleep()
        }
    }

    /// On standard error, where it is in nobody's way.
    private mutating func tellProgress(_ status: RunStatus) {
        guard let text = ProgressText.of(status), text != progress else { return }
        progress = text
        Console.note("\(status.name): \(escaped(text.utf8))")
    }

    /// nil if there is no such file (yet). A result is its reader's to edit: only a regular file is read.
    private func open() throws(Failure) -> OwnedDescriptor? {
        do throws(Errno) {
            var directory = try place.directory()
            if let earlier {
                directory = try directory.directory(SpoolLayout.Result.attempts).directory(EntryName(String(earlier)))
            }
            let file = try directory.open(log, O_RDONLY)
            if try FileStatus.of(descriptor: file.rawValue).kind != .regular { throw Errno.invalidArgument }
            return file
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw Failure.reading("\(place.relativePath)/\(log)", error)
        }
    }

    /// Prints from where it stopped to the present end.
    private mutating func copy(_ file: borrowing OwnedDescriptor) throws(Failure) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count: Int
            do {
                let offset = off_t(printed)
                count = try retrying { pread(file.rawValue, &buffer, buffer.count, offset) }
            } catch {
                throw Failure.reading("\(place.relativePath)/\(log)", error)
            }
            if count == 0 { return }
            printed += Int64(count)
            let bytes = buffer[..<count]
            try Console.write(Console.outputIsTerminal ? filter.filter(bytes) : Array(bytes))
        }
    }

    private mutating func finish() throws(Failure) {
        if Console.outputIsTerminal { try Console.write(filter.finish()) }
    }
}
