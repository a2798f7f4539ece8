internal import GRDB
internal import Runs

/// Finds the runs that a filter lets through: a page of their rows' numbers, in order.
///
/// Of all that the filter asks, the part that the fewest runs have decides which index is gone through: the counters of kinds,
/// jobs, labels and reasons tell. If those are few, all of them are looked at. If they are many, they are merged from
/// streams: the runs of one kind (of one job, label or reason) stand in an index in the order of their time, a stream begins
/// with its newest run, and streams that begin behind the last run that is wanted are never entered. So an answer costs what
/// is shown, not what is kept.
struct HistorySearch {
    let db: Database
    let filter: HistoryFilter
    let order: HistoryOrder
    let limit: Int

    /// So many rows of an index are looked at in some milliseconds.
    let few: Int64
    static let few: Int64 = 20_000

    struct Hit {
        let id: Int64
        let value: DatabaseValue
    }

    init(_ db: Database, _ filter: HistoryFilter, after: HistoryPosition?, limit: Int, few: Int64) {
        self.db = db
        self.filter = filter
        self.limit = limit
        self.few = few
        order = HistoryOrder(isAscending: filter.sort.isAscending, after: after)
    }

    func page() throws -> [Hit] {
        if limit <= 0 { return [] }
        let conditions = HistoryConditions(filter: filter)
        let kinds = conditions.kind
        var kindRuns = Int64.max
        var kindCount: Int64 = 0
        if !kinds.isEmpty {
            let count = SQLPart("SELECT count(*), ifnull(sum(runs), 0) FROM kind") + .whereAll(kinds)
            let row = try Row.fetchOne(db, sql: count.sql, arguments: StatementArguments(count.arguments))
            kindCount = row?.number(0) ?? 0
            if kindCount == 0 { return [] }
            kindRuns = row?.number(1) ?? .max
        }
        var choices = try HistoryChoice.labels(filter, db)
        if let names = try HistoryChoice.names(filter, db) { choices.append(names) }
        if let reason = try HistoryChoice.reason(filter, db) { choices.append(reason) }
        if choices.contains(where: { $0.ids?.isEmpty == true }) { return [] }
        let plan = HistoryPlan(
            db: db, conditions: conditions, order: order, limit: limit, kinds: kinds, kindCount: kindCount,
            choices: choices)
        guard filter.sort.key == .submitted else { return try plan.sorted(by: filter.sort.key) }
        let listed = choices.filter { $0.ids != nil }.min { $0.runs < $1.runs }
        if try timeIsShort() { return try plan.all(along: .time) }
        if let listed, listed.runs <= min(kindRuns, few) { return try plan.all(along: .choice(listed)) }
        if kindRuns <= few { return try plan.all(along: .kind) }
        let all = try Int64.fetchOne(db, sql: "SELECT runs FROM memory") ?? 0
        let way: HistoryPlan.Way =
            if let listed, listed.runs < kindRuns { .choice(listed) } else if kinds.isEmpty { .time } else { .kind }
        // Where the runs of a stream must be looked at one by one, streams can be long without an answer; but what many runs
        // have is met soon on the way back in time.
        if plan.looksAtRuns(along: way), limit <= few / 40, min(listed?.runs ?? .max, kindRuns) > all / 100 {
            let hits = try plan.probed(Int(few))
            if hits.count == limit { return hits }
        }
        if let unlisted = choices.first(where: { $0.subquery != nil && $0.ids == nil }) {
            return try plan.all(along: .choice(unlisted))
        }
        if case .time = way { return try plan.all(along: way) }
        return try plan.merged(along: way)
    }

    /// Whether only a few runs are of the time that is asked for.
    private func timeIsShort() throws -> Bool {
        guard filter.since != nil || order.isAscending && filter.until != nil else { return false }
        let count =
            SQLPart("SELECT count(*) FROM (SELECT 1 FROM run INDEXED BY run_by_time")
            + .whereAll(HistoryConditions(filter: filter).time("submitted_at") + order.behind("submitted_at", "id"))
            + " LIMIT \(few + 1))"
        return try Int64.fetchOne(db, sql: count.sql, arguments: StatementArguments(count.arguments)) ?? 0 <= few
    }
}
