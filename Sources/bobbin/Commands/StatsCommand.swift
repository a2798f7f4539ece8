import ArgumentParser
import History
import Linux
import Presentation
import Runs

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Sum up finished runs: how many, how long, how they ended.",
        discussion: """
            For the spool's admin group. The sums are kept with each run and outlive what the history forgets. Days are UTC's, \
            of the end; a moment means its day. A moment is \(MomentText.forms).

            EXAMPLES
              bobbin stats
              bobbin stats --by owner --since 2026-11-01 --until 2026-12-01
              bobbin stats --by day,state --queue nightly --csv
              bobbin stats --by name --name 'report-*' --limit 10
            """)

    @OptionGroup var spool: SpoolOption

    @Option(help: ArgumentHelp("day, queue, owner, name, state; several separated by commas.", valueName: "keys"))
    var by: [String] = []

    @Option(help: ArgumentHelp("From that day on.", valueName: "moment"))
    var since: String?

    @Option(help: ArgumentHelp("Days that begin before.", valueName: "moment"))
    var until: String?

    @Option(help: "Only these queues'.")
    var queue: [String] = []

    @Option(help: "Only these users'.")
    var owner: [String] = []

    @Option(help: "Only bundles of these names or patterns.")
    var name: [String] = []

    @Option(help: ArgumentHelp("At most so many sums, or 'all'.", valueName: "n"))
    var limit = "50"

    @Flag(help: "One object a line.")
    var json = false

    @Flag(help: "RFC 4180, with a header.")
    var csv = false

    func validate() throws {
        if json && csv { throw ValidationError("--json and --csv exclude each other") }
        _ = try filter()
    }

    func run() throws {
        let reader = try Memory(of: try spool.view()).reader()
        let filter = try filter()
        let rows: [StatisticsRow]
        do { rows = try reader.statistics(filter) } catch { throw Failure(error) }
        let text = StatisticsText(by: filter.by)
        if json {
            for row in rows { Console.print(text.json(row)) }
        } else if csv {
            Swift.print(text.csvHeader, terminator: "")
            for row in rows { Swift.print(text.csv(row), terminator: "") }
        } else {
            Console.print(text.table(rows, isTerminal: Console.outputIsTerminal))
            if rows.count == filter.limit { Console.note("there may be more: --limit") }
        }
    }

    private func filter() throws -> StatisticsFilter {
        var filter = StatisticsFilter()
        let words = StatisticsFilter.Dimension.allCases.map(\.rawValue)
        if !by.isEmpty {
            filter.by = []
            for word in try ListedValue.all(by, "key") {
                guard let key = StatisticsFilter.Dimension(rawValue: word) else {
                    throw ListedValue.unknown(word, "key to sum up by", words)
                }
                if !filter.by.contains(key) { filter.by.append(key) }
            }
        }
        filter.since = try since.map(ListedValue.moment)
        filter.until = try until.map(ListedValue.moment)
        filter.queues = try ListedValue.queues(queue)
        filter.owners = try ListedValue.all(owner, "owner")
        filter.names = try ListedValue.names(name)
        filter.limit = try ListedValue.limit(limit)
        return filter
    }
}
