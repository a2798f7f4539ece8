import ArgumentParser
import Glibc
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

struct ResultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Print a run's result: its JSON, its table, or the file that it names.",
        discussion: """
            A run that has none, or is not over: exit code 1, and where its result is on standard error.

            EXAMPLES
              bobbin result report
              bobbin result report | jq .total
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var named: String

    func run() throws {
        let view = try spool.view()
        let finder = RunFinder(view)
        let look = try finder.look(finder.find(named))
        guard let place = look.place else {
            throw Failure(.no, "the result of run \(look.status.run) was deleted")
        }
        let path = "\(view.path)/\(place.relativePath)"
        guard look.status.state.isFinal else {
            throw Failure(.no, "\(look.status.name) is \(look.status.state.rawValue); it is at \(path)")
        }
        let name = look.status.result ?? "\(SpoolLayout.Result.result)"
        guard let file = try open(name, in: place, path) else {
            throw Failure(.no, "\(look.status.name) \(look.status.state.rawValue) without a result; see \(path)")
        }
        try copy(file, "\(path)/\(name)")
    }

    /// nil if it is not there: a result is its reader's to edit.
    private func open(_ name: String, in place: SpoolView.Found, _ path: String) throws(Failure) -> OwnedDescriptor? {
        do throws(Errno) {
            let file = try place.directory().open(beneath: Array(name.utf8), O_RDONLY)
            if try FileStatus.of(descriptor: file.rawValue).kind != .regular { return nil }
            return file
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw Failure.reading(path, error)
        }
    }

    private func copy(_ file: borrowing OwnedDescriptor, _ path: String) throws {
        var filter = TerminalFilter()
        var buffer = [UInt8](repeating: 0, count: 65536)
        let descriptor = file.rawValue
        while true {
            let count: Int
            do { count = try retrying { read(descriptor, &buffer, buffer.count) } } catch {
                throw Failure.reading(path, error)
            }
            if count == 0 { break }
            let bytes = buffer[..<count]
            try Console.write(Console.outputIsTerminal ? filter.filter(bytes) : Array(bytes))
        }
        if Console.outputIsTerminal { try Console.write(filter.finish()) }
    }
}
