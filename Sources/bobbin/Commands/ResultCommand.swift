import ArgumentParser
import Linux
import Runs
import Spool
import SystemPackage

struct ResultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Print a run's JSON result.",
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
        do {
            guard try place.directory().status(of: SpoolLayout.Result.result).kind == .regular else {
                throw Errno.noSuchFileOrDirectory
            }
        } catch {
            if error as? Errno != .noSuchFileOrDirectory { throw Failure.reading(path, error as? Errno ?? .ioError) }
            throw Failure(.no, "\(look.status.name) \(look.status.state.rawValue) without a JSON result; see \(path)")
        }
        var reader = LogReader(SpoolLayout.Result.result, of: place, attempt: look.status.attempt)
        try reader.copyAll(look.status)
    }
}
