internal import GRDB
internal import Runs

extension HistoryReader {
    /// Who asked for what, the last first.
    public func audit(_ filter: AuditFilter = AuditFilter()) throws(HistoryError) -> [AuditRecord] {
        var conditions = [
            SQLPart("action", in: filter.actions.map { .of($0) }), SQLPart("user", in: filter.users.map { .of($0) }),
        ].compactMap(\.self)
        if let since = filter.since { conditions.append(SQLPart("at >= ?", [.of(since.milliseconds)])) }
        if let until = filter.until { conditions.append(SQLPart("at < ?", [.of(until.milliseconds)])) }
        let query =
            SQLPart("SELECT at, uid, user, action, queue, run, detail, outcome FROM audit") + .whereAll(conditions)
            + " ORDER BY at DESC, id DESC LIMIT \(max(0, filter.limit ?? .max))"
        let rows = try read { db in
            try Row.fetchAll(db, sql: query.sql, arguments: StatementArguments(query.arguments))
        }
        return rows.map { row in
            AuditRecord(
                at: Timestamp(milliseconds: row.number(0) ?? 0), uid: row.number(1), user: row.text(2),
                action: row.text(3) ?? "?", queue: row.text(4), run: row.text(5), detail: row.text(6),
                outcome: row.text(7) ?? "?")
        }
    }
}
