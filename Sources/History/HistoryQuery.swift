internal import GRDB
internal import Runs

/// The SQL that answers a filter, one page of it.
struct HistoryQuery {
    /// The last row of the page before. `id` settles the order of runs of one millisecond.
    struct Position {
        let submittedAt: Int64
        let id: DatabaseValue
    }

    private(set) var sql: String
    private(set) var arguments: [DatabaseValue] = []

    init(_ filter: HistoryFilter, after last: Position?, limit: Int) {
        var conditions: [String] = []
        var arguments: [DatabaseValue] = []
        func add(_ condition: String, _ values: DatabaseValue...) {
            conditions.append(condition)
            arguments += values
        }
        if let queue = filter.queue { add("kind.queue = ?", queue.description.databaseValue) }
        if let name = filter.name { add("job.name = ?", name.description.databaseValue) }
        if let owner = filter.owner { add("kind.owner = ?", owner.databaseValue) }
        if let state = filter.states.first, filter.states.count == 1 {
            add("kind.state = ?", state.rawValue.databaseValue)
        } else if !filter.states.isEmpty {
            conditions.append("kind.state IN (\(filter.states.map { _ in "?" }.joined(separator: ", ")))")
            arguments += filter.states.map(\.rawValue.databaseValue)
        }
        if let since = filter.since { add("run.submitted_at >= ?", since.milliseconds.databaseValue) }
        if let until = filter.until { add("run.submitted_at < ?", until.milliseconds.databaseValue) }
        if let last { add("(run.submitted_at, run.id) < (?, ?)", last.submittedAt.databaseValue, last.id) }
        let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        sql = HistoryRow.select + condition + " ORDER BY run.submitted_at DESC, run.id DESC LIMIT \(max(0, limit))"
        self.arguments = arguments
    }
}
