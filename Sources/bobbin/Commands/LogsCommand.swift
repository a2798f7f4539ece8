import ArgumentParser
import Linux
import Presentation
import Runs
import Spool

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a run wrote to its standard output.",
        discussion: """
            The bytes as they were written; on a terminal, control characters are shown as \\xNN.

            EXAMPLES
              bobbin logs report
              bobbin logs report --stderr
              bobbin logs report -f                    until the run is over
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var named: String

    @Flag(name: .shortAndLong, help: "Go on until the run is over.")
    var follow = false

    @Flag(help: "What it wrote to standard error instead.")
    var stderr = false

    func run() throws {
        let view = try spool.view()
        let finder = RunFinder(view)
        let log = stderr ? SpoolLayout.Result.stderr : SpoolLayout.Result.stdout
        let look = try finder.look(follow ? finder.findSoon(named) : finder.find(named))
        guard let place = look.place else {
            throw Failure(.no, "the result of run \(look.status.run) was deleted, and its output with it")
        }
        var reader = LogReader(log, of: place, attempt: look.status.attempt)
        if follow, !place.isFinished {
            try reader.follow(finder)
        } else {
            try reader.copyAll(look.status)
        }
    }
}
