import ArgumentParser
import Bundles
import Presentation
import Runs
import Spool

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until runs are over.",
        discussion: """
            Exits with the script's own exit code if it ended by itself, 124 if the wait timed out, and 125 for every other \
            final state, with one line on standard error that says which and why. Of several runs the first code that is not \
            0 counts. The run goes on when the wait times out.

            EXAMPLES
              bobbin wait report
              bobbin wait 01KAEZ report --timeout 10m
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var runs: [String]

    @Option(help: ArgumentHelp("Stop waiting after this time, as 30s, 10m or 1h30m.", valueName: "duration"))
    var timeout: String?

    func validate() throws { _ = try timeoutMilliseconds() }

    func run() throws {
        let view = try spool.view()
        var waiting = RunWait(view, timeout: try timeoutMilliseconds())
        var answer: Int32 = 0
        for text in runs {
            let code = Ending.code(try waiting.wait(for: text))
            if answer == 0 { answer = code }
        }
        try Ending.exit(answer)
    }

    private func timeoutMilliseconds() throws -> Int64? {
        guard let timeout else { return nil }
        guard let milliseconds = DurationText.parse(timeout) else {
            throw ValidationError("'\(timeout)' is no duration; write it as 30s, 10m or 1h30m")
        }
        return milliseconds
    }
}
