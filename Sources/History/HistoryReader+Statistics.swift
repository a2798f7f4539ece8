internal import GRDB
internal import Runs

extension HistoryReader {
    /// The sums that a filter lets through: days from the last one on, everything else by the number of runs.
    public func statistics(_ filter: StatisticsFilter) throws(HistoryError) -> [StatisticsRow] {
        let query = Self.query(filter)
        let rows = try read { db in
            try Row.fetchAll(db, sql: query.sql, arguments: StatementArguments(query.arguments))
        }
        let count = filter.by.count
        return rows.map { row in
            let keys = filter.by.indices.map { index in
                if filter.by[index] == .day { return UTCDay(number: row.number(index) ?? 0).description }
                return row.text(index) ?? ""
            }
            func number(_ offset: Int) -> Int64 { row.number(count + offset) ?? 0 }
            return StatisticsRow(
                keys: keys, runs: number(0), succeeded: number(1), wallMilliseconds: number(2),
                cpuMilliseconds: number(3),
                waitMilliseconds: number(4))
        }
    }

    private static func query(_ filter: StatisticsFilter) -> SQLPart {
        let asked = Set(filter.by)
        // The least table that has what is asked for.
        let table =
            asked.contains(.name) || !filter.names.isEmpty
            ? "statistics"
            : asked.isDisjoint(with: [.queue, .owner]) && filter.queues.isEmpty && filter.owners.isEmpty
                ? "statistics_by_day" : "statistics_by_queue_owner"
        var conditions: [SQLPart] = []
        if let since = filter.since { conditions.append(SQLPart("day >= ?", [.of(UTCDay(since).number)])) }
        if let until = filter.until {
            conditions.append(
                SQLPart(
                    "day <= ?", [.of(UTCDay(Timestamp(milliseconds: max(.min + 1, until.milliseconds) - 1)).number)]))
        }
        conditions += [
            SQLPart("queue", in: filter.queues.map { .of($0.description) }),
            SQLPart("owner", in: filter.owners.map { .of($0) }),
        ].compactMap(\.self)
        if !filter.names.isEmpty {
            conditions.append(.any(filter.names.map { SQLPart("name GLOB ?", [.of(NamePattern($0).glob)]) }))
        }
        let keys = filter.by.map(\.rawValue)
        let columns =
            keys + [
                "sum(runs)", "sum(iif(state = 'succeeded', runs, 0))", "sum(wall_ms)", "sum(cpu_ms)", "sum(wait_ms)",
            ]
        let group = keys.isEmpty ? " HAVING sum(runs) > 0" : " GROUP BY " + keys.joined(separator: ", ")
        // Days go back, and what belongs to one day stays together.
        let order = (asked.contains(.day) ? ["day DESC"] : []) + ["sum(runs) DESC"] + keys
        return SQLPart("SELECT \(columns.joined(separator: ", ")) FROM \(table)") + .whereAll(conditions)
            + "\(group) ORDER BY \(order.joined(separator: ", ")) LIMIT \(filter.limit ?? -1)"
    }
}
