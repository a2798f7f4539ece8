import History
import Linux
import Presentation
import Runs

/// Runs of the history as a table: the columns that are usually wanted, or those asked for.
struct HistoryTable {
    let columns: [HistoryColumn]?

    /// Rows of one table where all are printed: its columns are as wide as the widest of them, so they are held in memory.
    private static let most = 1000

    func print(_ reader: HistoryReader, _ filter: HistoryFilter) throws {
        var waiting: [HistoryRecord] = []
        var count = 0
        try reader.forEach(filter) { record in
            waiting.append(record)
            count += 1
            if waiting.count == Self.most {
                show(waiting)
                waiting = []
            }
        }
        if !waiting.isEmpty || count == 0 { show(waiting) }
        if count == filter.limit { Console.note("there may be more: --limit, or --after with the last run shown") }
    }

    private func show(_ records: [HistoryRecord]) {
        guard let columns else {
            return Console.print(RunTable(records.map { ($0.status, nil) }, isHistory: true).table)
        }
        var table = Table(
            columns.map { .init($0.rawValue.uppercased(), right: Self.isNumber($0), flexible: !Self.isFixed($0)) })
        for record in records { table.add(columns.map { Self.cell($0, record) }) }
        Console.print(table)
    }

    private static func cell(_ column: HistoryColumn, _ record: HistoryRecord) -> Table.Cell {
        let isLocal = Console.outputIsTerminal
        let status = record.status
        switch (column, column.value(of: record)) {
        case (.state, _): return .init(status.state.rawValue, status.state.tint)
        case (.submittedAt, _): return .init(MomentText.text(status.submittedAt, local: isLocal), .dim)
        case (.startedAt, _): return .init(status.startedAt.map { MomentText.text($0, local: isLocal) } ?? "", .dim)
        case (.finishedAt, _): return .init(status.finishedAt.map { MomentText.text($0, local: isLocal) } ?? "", .dim)
        case (_, nil): return ""
        case (_, .text(let text)?), (_, .json(let text)?): return .init(escaped(text.utf8))
        case (_, .milliseconds(let time)?): return .init(ElapsedText.text(time))
        case (_, .number(let number)?):
            return .init(column.rawValue.hasSuffix("_bytes") ? BytesText.text(number) : "\(number)")
        case (_, .flag(let flag)?): return .init(flag ? "yes" : "no")
        }
    }

    private static func isNumber(_ column: HistoryColumn) -> Bool {
        let key = column.rawValue
        return key.hasSuffix("_bytes") || key.hasSuffix("_seconds")
            || [.exitCode, .attempt, .priority, .claim].contains(column)
    }

    private static func isFixed(_ column: HistoryColumn) -> Bool {
        isNumber(column) || column.rawValue.hasSuffix("_at") || [.run, .state, .parentRun].contains(column)
    }
}
