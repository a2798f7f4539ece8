import ArgumentParser
import History
import Linux
import Presentation
import Runs
import Spool

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List finished runs, the newest first.",
        discussion: """
            For the spool's admin group. A moment is \(MomentText.forms).

            EXAMPLES
              bobbin history --state failed --since 1d
              bobbin history --queue nightly --name report --limit 1 --json
              bobbin history --since 2026-11-01 --until 2026-12-01 --limit all --csv > november.csv
            """)

    @OptionGroup var spool: SpoolOption

    @Option(help: "Only this queue's.")
    var queue: String?

    @Option(help: "Only those in this state; may be given several times.")
    var state: [String] = []

    @Option(help: "Only bundles of this name.")
    var name: String?

    @Option(help: "Only this user's.")
    var owner: String?

    @Option(help: ArgumentHelp("Submitted then or later.", valueName: "moment"))
    var since: String?

    @Option(help: ArgumentHelp("Submitted before.", valueName: "moment"))
    var until: String?

    @Option(help: ArgumentHelp("At most so many, or 'all'.", valueName: "n"))
    var limit = "50"

    @Flag(help: "One object a line, with the keys of status.json.")
    var json = false

    @Flag(help: "RFC 4180, with the keys of status.json as its first line.")
    var csv = false

    func validate() throws {
        if json && csv { throw ValidationError("--json and --csv exclude each other") }
        _ = try filter()
    }

    func run() throws {
        let view = try spool.view()
        let reader = try Memory(of: view).reader()
        let filter = try filter()
        do {
            if json {
                try reader.forEach(filter) { Console.print($0.status.json(pretty: false)) }
            } else if csv {
                // RFC 4180 ends lines with CR LF; the writer's lines have it.
                Swift.print(HistoryCSV.header, terminator: "")
                try reader.forEach(filter) { Swift.print(HistoryCSV.line($0.status), terminator: "") }
            } else {
                let records = try reader.records(filter)
                Console.print(RunTable(records.map { ($0.status, nil) }, isHistory: true).table)
                if records.count == filter.limit { Console.note("there may be more: --limit, --since") }
            }
        } catch let error as HistoryError {
            throw Failure(error)
        }
    }

    private func filter() throws -> HistoryFilter {
        var filter = HistoryFilter()
        if let queue {
            guard let name = QueueName(queue) else {
                throw ValidationError("'\(escaped(queue.utf8))' is no queue's name")
            }
            filter.queue = name
        }
        for word in state {
            guard let state = RunState(rawValue: word), state.isFinal else {
                let words = RunState.final.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(escaped(word.utf8))' is no final state; there are: \(words)")
            }
            filter.states.insert(state)
        }
        if let name {
            guard let bundle = BundleName(name) else {
                throw ValidationError("'\(escaped(name.utf8))' is no bundle's name")
            }
            filter.name = bundle
        }
        filter.owner = owner
        filter.since = try since.map(moment)
        filter.until = try until.map(moment)
        if limit != "all" {
            guard let count = Int(limit), count > 0 else {
                throw ValidationError("'\(escaped(limit.utf8))' is no limit; give a positive number or 'all'")
            }
            filter.limit = count
        }
        return filter
    }

    private func moment(_ text: String) throws -> Timestamp {
        guard let moment = MomentText.parse(text, now: .now()) else {
            throw ValidationError("'\(escaped(text.utf8))' is no moment; write \(MomentText.forms)")
        }
        return moment
    }
}
