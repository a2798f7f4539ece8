internal import GRDB
public import Runs

/// What the calls that forget would take, for a sweep that only tells.
extension HistoryWriter {
    /// How many rows `forgetStatistics` would delete.
    public func forgettableStatistics(before: Timestamp) async throws(HistoryError) -> Int64 {
        try await onThread { writer in
            try writer.read { db in
                try ["statistics", "statistics_by_queue_owner", "statistics_by_day"].reduce(0) { sum, table in
                    let sql = "SELECT count(*) FROM \(table) WHERE day < ?"
                    return try sum + (Int64.fetchOne(db, sql: sql, arguments: [UTCDay(before).number]) ?? 0)
                }
            }
        }
    }

    /// How many rows `forgetAudit` would delete.
    public func forgettableAudit(before: Timestamp) async throws(HistoryError) -> Int64 {
        try await onThread { writer in
            try writer.read { db in
                let sql = "SELECT count(*) FROM audit WHERE at < ?"
                return try Int64.fetchOne(db, sql: sql, arguments: [before.milliseconds]) ?? 0
            }
        }
    }
}
