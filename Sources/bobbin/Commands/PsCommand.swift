import ArgumentParser
import Linux
import Presentation
import Runs
import Spool

struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "Show what waits and what runs.",
        discussion: """
            Also what lies in the inboxes and is not taken, and why, and what keeps work from starting. With --json each run \
            is one object, a waiting one with its 'position'; all the rest goes to standard error.

            EXAMPLES
              bobbin ps
              bobbin ps --queue nightly --json | jq -r 'select(.state == "running") | .run'
            """)

    @OptionGroup var spool: SpoolOption

    @Option(help: "Only this queue.")
    var queue: String?

    @Flag(help: "One object a line, with the keys of status.json.")
    var json = false

    func run() throws {
        let view = try spool.view()
        let only = try queue.map { try Queue.named([$0], in: view) }?.first
        let overview = try ActiveRuns(in: view, only)
        if json {
            for run in overview.runs { Console.print(Self.line(run)) }
        } else if overview.runs.isEmpty {
            Console.print("nothing waits or runs")
        } else {
            Console.print(
                RunTable(
                    overview.runs.map { run in
                        (run.status, run.position.map { "place \($0)" } ?? Self.note(run.status))
                    },
                    isHistory: false
                ).table)
        }
        let notes = InboxReport(view, only, overview.unreadable).lines + SpoolCondition(view).lines
        if !json && !notes.isEmpty { Console.print("") }
        if !json, only == nil, let space = SpaceText.line(view) { Console.print(space) }
        for line in notes { if json { Console.note(line) } else { Console.print(line) } }
    }

    private static func note(_ status: RunStatus) -> String? {
        let notes = [attempt(status), ProgressText.of(status).map { escaped($0.utf8) }].compactMap(\.self)
        return notes.isEmpty ? nil : notes.joined(separator: ", ")
    }

    /// Of one that is tried again.
    private static func attempt(_ status: RunStatus) -> String? {
        if let retryAt = status.retryAt {
            return
                "attempt \((status.attempt ?? 0) + 1) at \(MomentText.text(retryAt, local: Console.outputIsTerminal))"
        }
        return status.attempt.flatMap { $0 > 1 ? "attempt \($0)" : nil }
    }

    private static func line(_ run: ActiveRuns.Run) -> String {
        let object = run.status.json(pretty: false)
        guard let position = run.position else { return object }
        return object.dropLast() + ",\"position\":\(position)}"
    }
}
