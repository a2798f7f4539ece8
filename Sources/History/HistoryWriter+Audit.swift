internal import GRDB
internal import Runs

extension HistoryWriter {
    /// Notes what was asked for, all of it in one transaction or none.
    public func audit(_ entries: [AuditEntry]) async throws(HistoryError) {
        if entries.isEmpty { return }
        try await onThread { writer in
            try writer.write { db in
                let statement = try db.cachedStatement(
                    sql: """
                        INSERT INTO audit (at, uid, user, action, queue, run, detail, outcome)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                for entry in entries {
                    let values: [DatabaseValue] = [
                        .of(entry.at.milliseconds), .of(entry.uid), .of(entry.user), .of(entry.action.rawValue),
                        .of(entry.queue?.description), .of(entry.run?.description), .of(entry.detail),
                        .of(entry.outcome),
                    ]
                    try statement.execute(arguments: StatementArguments(values))
                }
            }
        }
    }
}
