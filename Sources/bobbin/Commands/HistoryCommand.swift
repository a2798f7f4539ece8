import ArgumentParser
import Bundles
import History
import Linux
import Presentation
import Runs
import Spool

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List finished runs, the newest first, or show one whole.",
        discussion: """
            For the spool's admin group. With RUN, everything that is known of it: what status says, its attempts and \
            repeats, its manifest.

            A moment is \(MomentText.forms).
            A name may be a pattern: '*' stands for any characters, '?' for one. Options that name values take several, \
            separated by commas or given again; a run must have one of them, but all of the labels.

            EXAMPLES
              bobbin history --state failed,timed_out --since yesterday
              bobbin history --name 'report-*' --label team=red --limit 10
              bobbin history --exit-code 2-125 --reason 'no space' --columns run,owner,reason
              bobbin history --longer-than 1h --sort wall_seconds
              bobbin history --since 2026-11-01 --until 2026-12-01 --limit all --csv > november.csv
              bobbin history 01KAEZ
              bobbin history --rebuild                 for admins; the daemon does it
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of a run's id, or its bundle's name.", valueName: "run"))
    var named: String?

    @OptionGroup(title: "Filters") var filters: HistoryOptions

    @Option(help: ArgumentHelp("A column, and ':asc' or ':desc'.", valueName: "key[:order]"))
    var sort: String?

    @Option(help: ArgumentHelp("At most so many, or 'all'.", valueName: "n"))
    var limit = "50"

    @Option(help: ArgumentHelp("Go on behind this run, the last of the page before.", valueName: "run"))
    var after: String?

    @Option(help: ArgumentHelp("Show these, separated by commas.", valueName: "columns"))
    var columns: String?

    @Flag(
        help:
            "Look the history's file through, set it aside if it is damaged, and bring back what only the directories know."
    )
    var rebuild = false

    @Flag(help: "One object a line, with the keys of status.json or the columns asked for.")
    var json = false

    @Flag(help: "RFC 4180, with the columns' names as its first line.")
    var csv = false

    func validate() throws {
        if rebuild, named != nil || !filters.isEmpty || sort != nil || after != nil || columns != nil || csv || json {
            throw ValidationError("--rebuild goes with no other option but --spool")
        }
        if json && csv { throw ValidationError("--json and --csv exclude each other") }
        if named != nil, !filters.isEmpty || sort != nil || after != nil || columns != nil || csv {
            throw ValidationError("a run is shown whole: of the options only --json goes with it")
        }
        _ = try filter()
        _ = try chosenColumns()
    }

    func run() throws {
        let view = try spool.view()
        if rebuild {
            let end = try RequestCall(asking: .rebuild, in: view).answer { _ in }
            return Console.print(escaped((end.reason ?? "").utf8))
        }
        let reader = try Memory(of: view).reader()
        do {
            if let named { return try RunHistory(view, reader).show(named, asJSON: json) }
            try list(reader)
        } catch let error as HistoryError {
            throw Failure(error)
        }
    }

    private func list(_ reader: HistoryReader) throws {
        let filter = try filter()
        let chosen = try chosenColumns()
        if json {
            try reader.forEach(filter) { record in
                let line = chosen.map { HistoryJSONLines.line(record, $0) } ?? HistoryJSONLines.line(record.status)
                Swift.print(line, terminator: "")
            }
        } else if csv {
            // RFC 4180 ends lines with CR LF; the writer's lines have it.
            let columns = chosen ?? HistoryColumn.ofStatus
            Swift.print(HistoryCSV.header(columns), terminator: "")
            try reader.forEach(filter) { Swift.print(HistoryCSV.line($0, columns), terminator: "") }
        } else {
            try HistoryTable(columns: chosen).print(reader, filter)
        }
    }

    private func chosenColumns() throws -> [HistoryColumn]? {
        guard let columns else { return nil }
        let all = HistoryColumn.allCases.map(\.rawValue)
        return try columns.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let column = HistoryColumn(rawValue: String(word)) else {
                throw ListedValue.unknown(String(word), "column", all)
            }
            return column
        }
    }

    private func filter() throws -> HistoryFilter {
        var filter = try filters.filter()
        if let sort { filter.sort = try Self.order(sort) }
        if let after {
            guard let run = RunID(after) else {
                throw ValidationError("'\(escaped(after.utf8))' is no run's id; --after takes a whole one")
            }
            filter.after = run
        }
        filter.limit = try ListedValue.limit(limit)
        return filter
    }

    private static func order(_ text: String) throws -> HistorySort {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let keys = HistorySort.Key.allCases.map(\.rawValue)
        guard let key = HistorySort.Key(rawValue: parts[0]) else {
            throw ListedValue.unknown(parts[0], "column to sort by", keys)
        }
        switch parts.dropFirst().first {
        case nil: return HistorySort(key)
        case "asc": return HistorySort(key, isAscending: true)
        case "desc": return HistorySort(key, isAscending: false)
        case let order?: throw ListedValue.unknown(order, "order", ["asc", "desc"])
        }
    }
}
