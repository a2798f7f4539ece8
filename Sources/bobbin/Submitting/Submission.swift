// How a bundle gets into an inbox: whole or not at all. It is copied under a hidden name, which no daemon takes, judged there,
// so that what was judged is what is sent, and flushed; then the options are renamed in, and last the bundle itself, which
// makes it a drop. Interrupted before that, it leaves hidden entries that never run.

import Bundles
import Glibc
import Linux
import Runs
import Spool
import SystemPackage
import Trees

/// One bundle on its way into a queue's inbox.
final class Submission {
    let run: RunID
    let name: BundleName
    let queue: QueueName
    private let inbox: Directory
    private let entry: EntryName
    private let hidden: EntryName
    private let form: DropName.Form
    private let options: SubmitOptions
    private var isDropped = false

    init(_ drop: DropName, entry: EntryName, in queue: QueueName, _ inbox: Directory, _ options: SubmitOptions) {
        run = drop.run ?? .new()
        name = options.name ?? drop.name
        self.queue = queue
        self.inbox = inbox
        let visible = "\(name).\(run)\(BundleCheck.ending(of: drop, entry))"
        self.entry = EntryName(visible)
        hidden = EntryName("." + visible)
        form = drop.form
        self.options = options
    }

    /// What is left of one that was not dropped is taken away.
    deinit {
        if isDropped { return }
        do { try TreeRemove.remove(hidden, in: inbox) } catch {
            Console.note("cannot remove \(hidden) from the inbox: \(error)")
        }
    }

    // MARK: Copying

    /// Copies a file or a directory; the report says what cannot be taken.
    func copy(_ source: SourceFile, limits: TreeLimits) throws(Failure) -> TreeReport {
        do {
            let report: TreeReport
            if form == .directory {
                try inbox.makeDirectory(hidden, mode: 0o700)
                let target = try inbox.directory(hidden)
                // It becomes the caller's own, whosever it was, so nobody's ownership is asked for.
                report = try TreeCopy.copyDirectory(
                    source.parent.directory(source.entry), into: target, owner: nil, limits: limits)
                try target.changeMode(to: 0o700 | source.status.permissions & 0o755)
            } else {
                report = try TreeCopy.copyFile(
                    source.entry, of: source.parent, as: hidden, into: inbox, owner: nil, limits: limits)
                try changeMode(to: 0o600 | source.status.permissions & 0o755)
            }
            return report
        } catch {
            throw cannot("copy '\(escaped(source.path.utf8))' into", error)
        }
    }

    /// Copies standard input.
    func copyStandardInput(limit: Int64) throws(Failure) {
        do throws(Errno) {
            let file = try inbox.open(hidden, O_WRONLY | O_CREAT | O_EXCL, mode: 0o755)
            var buffer = [UInt8](repeating: 0, count: 65536)
            var total: Int64 = 0
            while true {
                let count = try retrying { read(0, &buffer, buffer.count) }
                if count == 0 { break }
                total += Int64(count)
                if total > limit { throw .fileTooLarge }
                try writeAll(file.rawValue, Array(buffer[..<count]))
            }
        } catch {
            throw cannot("copy standard input into", error)
        }
    }

    private func changeMode(to mode: UInt32) throws(Errno) {
        let file = try inbox.open(hidden, O_RDONLY)
        try Linux.changeMode(of: file.rawValue, to: mode)
    }

    // MARK: Judging

    func judge(by bundleCheck: BundleCheck) throws(Failure) -> Judgement {
        do {
            switch form {
            case .directory:
                return try bundleCheck.judge(
                    tree: inbox.directory(hidden), name, script: nil, input: options.input.map { Array($0.utf8) })
            case .archive(let format):
                return try bundleCheck.judge(
                    archive: inbox.open(hidden, O_RDONLY), format, name, input: options.input.map { Array($0.utf8) })
            case .script, .file:
                return try bundleCheck.judge(
                    tree: inbox, name, script: hidden, input: options.input.map { Array($0.utf8) })
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw cannot("judge the copy in", error as? Errno ?? .ioError)
        }
    }

    /// An error as its sender knows the file.
    func line(_ error: BundleError, of source: String) -> String {
        guard error.file == hidden.description else { return escaped("\(source): \(error)".utf8) }
        let shown = BundleError(
            code: error.code, message: error.message, file: source, line: error.line, column: error.column)
        return escaped("\(shown)".utf8)
    }

    // MARK: Dropping

    func drop() throws(Failure) {
        do throws(Errno) {
            if form == .directory {
                // One call for all its files and directories; fsync would be one each.
                try inbox.syncFilesystem()
            } else {
                let file = try inbox.open(hidden, O_RDONLY)
                try flush(file.rawValue)
            }
            try options.write(for: run, in: inbox)
            try inbox.rename(hidden, to: entry)
            isDropped = true
            try flush(inbox.rawValue)
        } catch {
            if !isDropped { options.remove(for: run, from: inbox) }
            if error == .fileExists {
                throw Failure(.cannotCreate, "\(entry) is in the inbox of '\(queue)' already")
            }
            throw cannot("drop \(entry) into", error)
        }
    }

    private func cannot(_ wish: String, _ error: Errno) -> Failure {
        let way = error == .permissionDenied || error == .notPermitted ? "; " + Account.howToJoin(inbox) : ""
        return Failure(.cannotCreate, "cannot \(wish) the inbox of '\(queue)': \(error)\(way)")
    }
}
