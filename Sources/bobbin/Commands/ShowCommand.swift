import ArgumentParser
import Bundles
import Glibc
import Linux
import Runs
import Spool
import SystemPackage
import Trees

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Take a run's bundle out of the archive, as it was sent.",
        discussion: """
            What was a directory fills DIR; an archive or a script comes to lie in it under the name that it was sent by. For \
            the run's owner, root and the spool's admins, as long as 'retention.archive' keeps the bundle.

            EXAMPLES
              bobbin show report --bundle report-as-sent
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var subject: String

    @Option(help: ArgumentHelp("Where to: a directory that is empty or to be made.", valueName: "dir"))
    var bundle: String

    func run() throws {
        let view = try spool.view()
        let finder = RunFinder(view)
        let status = try finder.look(finder.find(subject)).status
        try checkTarget()
        let call = try RequestCall(asking: .bundle(of: status.run), in: view)
        let end = try call.answer { _ in }
        let answers = try SpoolOption.control(of: view)
        guard let handed = try answers.answer(EntryName(bytes: call.name.bytes + Array(".bundle".utf8))) else {
            throw Failure(.internal, "what the daemon handed out is not there any more; ask again")
        }
        let hash: String
        do {
            hash = try Self.copy(handed, named: EntryName(end.entry ?? "bundle"), into: makeTarget())
        } catch {
            throw Failure(.cannotCreate, "cannot copy the bundle into '\(escaped(bundle.utf8))': \(error)")
        }
        if let sent = status.bundleSHA256, sent != hash {
            throw Failure(
                .badData, "what is in '\(escaped(bundle.utf8))' now is not what was sent: its hash is another")
        }
        Console.print(bundle)
    }

    /// Before anything is asked for. It is looked at again when it is made.
    private func checkTarget() throws(Failure) {
        do throws(Errno) {
            guard try Directory(path: bundle).entries().isEmpty else { throw Errno.directoryNotEmpty }
        } catch {
            if error == .noSuchFileOrDirectory { return }
            let why = error == .directoryNotEmpty ? "is not empty" : "cannot be used: \(error)"
            throw Failure(.cannotCreate, "'\(escaped(bundle.utf8))' \(why); name another directory")
        }
    }

    private func makeTarget() throws(Errno) -> Directory {
        if mkdir(bundle, 0o777) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
        let target = try Directory(path: bundle)
        if try !target.entries().isEmpty { throw Errno.directoryNotEmpty }
        return target
    }

    /// - Returns: the hash of what was copied.
    private static func copy(
        _ handed: consuming OwnedDescriptor, named name: EntryName, into target: Directory
    ) throws(Errno) -> String {
        let status = try FileStatus.of(descriptor: handed.rawValue)
        if status.kind == .directory {
            let limits = TreeLimits(bytes: .max, entries: .max)
            let report = try TreeCopy.copyDirectory(Directory(handed), into: target, owner: nil, limits: limits)
            if !report.isClean { throw Errno.ioError }
            return try ContentHash.ofTree(target)
        }
        let file = try target.open(
            name, O_RDWR | O_CREAT | O_EXCL, mode: status.permissions & 0o111 == 0 ? 0o666 : 0o777)
        var buffer = [UInt8](repeating: 0, count: 65536)
        let source = handed.rawValue
        while true {
            let count = try retrying { read(source, &buffer, buffer.count) }
            if count == 0 { break }
            try writeAll(file.rawValue, Array(buffer[..<count]))
        }
        // It is hashed from where the descriptor stands.
        _ = lseek(file.rawValue, 0, SEEK_SET)
        return try ContentHash.ofFile(file.rawValue)
    }
}
