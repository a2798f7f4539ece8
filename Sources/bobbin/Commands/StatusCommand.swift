import ArgumentParser
import Linux
import Presentation
import Runs
import Spool

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what is known of runs.",
        discussion: """
            Exits 0 for every known run, however it ended.

            EXAMPLES
              bobbin status report
              bobbin status 01KAEZ --json | jq -r .state
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var runs: [String]

    @Flag(help: "One object a line, with the keys of status.json.")
    var json = false

    func run() throws {
        let view = try spool.view()
        let finder = RunFinder(view)
        for (index, text) in runs.enumerated() {
            let look = try finder.look(finder.find(text))
            if json {
                Console.print(look.status.json(pretty: false))
            } else {
                if index > 0 { Console.print("") }
                for line in StatusText(look.status, place: look.place, in: view).lines { Console.print(line) }
            }
        }
    }
}
