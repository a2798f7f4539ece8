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
        let target = try makeTarget()
        let call = try RequestCall(asking: .bundle(of: status.run), in: view)
        let end = try call.answer { _ in }
        let answers = try SpoolOption.control(of: view)
        guard let handed = try answers.answer(EntryName(bytes: call.name.bytes + Array(".bundle".utf8))) else {
            throw Failure(.internal, "what the daemon handed out is not there any more; ask again")
        }
        do {
            try Self.copy(handed, named: EntryName(end.entry ?? "bundle"), into: target)
        } catch {
            throw Failure(.cannotCreate, "cannot copy the bundle into '\(escaped(bundle.utf8))': \(error)")
        }
        Console.print(bundle)
    }

    private func makeTarget() throws(Failure) -> Directory {
        do {
            if mkdir(bundle, 0o777) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
            let target = try Directory(path: bundle)
            guard try target.entries().isEmpty else {
                throw Failure(.cannotCreate, "'\(escaped(bundle.utf8))' is not empty; name another directory")
            }
            return target
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.cannotCreate, "cannot make '\(escaped(bundle.utf8))': \(error)")
        }
    }

    private static func copy(_ handed: consuming OwnedDescriptor, named name: EntryName, into target: Directory)
        throws(Errno)
    {
        let status = try FileStatus.of(descriptor: handed.rawValue)
        if status.kind == .directory {
            let limits = TreeLimits(bytes: .max, entries: .max)
            _ = try TreeCopy.copyDirectory(Directory(handed), into: target, owner: nil, limits: limits)
            return
        }
        let file = try target.open(
            name, O_WRONLY | O_CREAT | O_EXCL, mode: status.permissions & 0o111 == 0 ? 0o666 : 0o777)
        var buffer = [UInt8](repeating: 0, count: 65536)
        let source = handed.rawValue
        while true {
            let count = try retrying { read(source, &buffer, buffer.count) }
            if count == 0 { return }
            try writeAll(file.rawValue, Array(buffer[..<count]))
        }
    }
}
