internal import GRDB
public import Runs

/// What a sweep asks and takes away. Each call is one short transaction: rows of runs that end get in between.
extension HistoryWriter {
    /// What decides about results; runs that are not known are not in it. For some hundred ids at a time.
    public func sweepFacts(_ runs: [RunID]) async throws(HistoryError) -> [RunID: SweepFacts] {
        try await onThread { writer in
            try writer.read { db in
                let statement = try db.cachedStatement(
                    sql: """
                        SELECT job.queue, job.name, kind.state, ifnull(run.finished_at, run.submitted_at),
                            run.result_bytes, run.bundle_bytes
                        FROM run LEFT JOIN kind ON kind.id = run.kind LEFT JOIN job ON job.id = run.job
                        WHERE run.run = ?
                        """)
                var facts: [RunID: SweepFacts] = [:]
                for run in runs {
                    guard let row = try Row.fetchOne(statement, arguments: [run.description]) else { continue }
                    var cells = HistoryCells(row: row, columns: Self.sweepColumns, path: writer.path, run: run)
                    facts[run] = SweepFacts(
                        queue: try cells.required { QueueName($0) }, name: try cells.required { BundleName($0) },
                        state: try cells.required { RunState(rawValue: $0) },
                        finishedAt: Timestamp(milliseconds: try cells.requiredNumber()),
                        resultBytes: try cells.number(), bundleBytes: try cells.number())
                }
                return facts
            }
        }
    }

    private static var sweepColumns: [String] {
        ["queue", "name", "state", "finished_at", "result_bytes", "bundle_bytes"]
    }

    /// How many runs `forgetRuns` would delete. Counts those that ended before a moment, some 50 ns each: not for every sweep.
    public func forgettable(finishedBefore: Timestamp?, keepingNewest: Int64?) async throws(HistoryError) -> Int64 {
        try await onThread { writer in
            try writer.read { db in
                try RunDeletion.due(db, finishedBefore: finishedBefore, keepingNewest: keepingNewest, limit: nil)
            }
        }
    }

    /// Deletes runs that ended before a moment, and those beyond the newest so many, those that ended first first. Their
    /// statistics stay.
    ///
    /// - Returns: how many it deleted, at most `limit`; to be called until it is 0.
    public func forgetRuns(finishedBefore: Timestamp?, keepingNewest: Int64?, limit: Int) async throws(HistoryError)
        -> Int
    {
        try await onThread { writer in
            try writer.write { db in
                try RunDeletion.run(db, finishedBefore: finishedBefore, keepingNewest: keepingNewest, limit: limit)
            }
        }
    }

    /// Deletes the statistics of the days before that of a moment.
    ///
    /// - Returns: how many rows it deleted, at most `limit`; to be called until it is 0.
    public func forgetStatistics(before: Timestamp, limit: Int) async throws(HistoryError) -> Int {
        try await onThread { writer in
            try writer.write { db in
                var left = max(0, limit)
                // The detailed ones first: while they last, the sums above them are not too small.
                for (table, key) in [
                    ("statistics", "day, queue, owner, name, state"),
                    ("statistics_by_queue_owner", "day, queue, owner, state"), ("statistics_by_day", "day, state"),
                ] where left > 0 {
                    try db.execute(
                        sql: """
                            DELETE FROM \(table) WHERE (\(key)) IN (
                                SELECT \(key) FROM \(table) WHERE day < ? ORDER BY \(key) LIMIT ?)
                            """, arguments: [UTCDay(before).number, left])
                    left -= db.changesCount
                }
                return max(0, limit) - left
            }
        }
    }

    /// Deletes what was asked for before a moment.
    ///
    /// - Returns: how many rows it deleted, at most `limit`; to be called until it is 0.
    public func forgetAudit(before: Timestamp, limit: Int) async throws(HistoryError) -> Int {
        try await onThread { writer in
            try writer.write { db in
                try db.execute(
                    sql: "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at, id LIMIT ?)",
                    arguments: [before.milliseconds, max(0, limit)])
                return db.changesCount
            }
        }
    }

    /// Gives pages at the end of the file back to the file system, at most so many.
    ///
    /// - Returns: whether more could be given back.
    public func vacuum(pages: Int) async throws(HistoryError) -> Bool {
        try await onThread { writer in
            try writer.write { db in
                // Each step of the statement frees one page.
                let pages = try Row.fetchCursor(db, sql: "PRAGMA incremental_vacuum(\(max(1, pages)))")
                while try pages.next() != nil {}
            }
            return try writer.read { db in try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0 } > 0
        }
    }

    /// How far back every run is known.
    public func memory() async throws(HistoryError) -> HistoryMemory { try await onThread { try $0.memoryNow() } }

    /// How many runs are known. Kept, not counted.
    public func rowCount() async throws(HistoryError) -> Int64 {
        try await onThread { writer in
            try writer.read { db in try Int64.fetchOne(db, sql: "SELECT runs FROM memory") ?? 0 }
        }
    }

    /// When the last sweep was; nil if there was none.
    public func lastSweep() async throws(HistoryError) -> SweepMark? {
        try await onThread { writer in
            try writer.read { db in
                let row = try Row.fetchOne(db, sql: "SELECT swept_at, swept_boot, swept_boot_ms FROM memory")
                guard let row, let at = row.number(0), let boot = row.text(1), let milliseconds = row.number(2)
                else { return nil }
                return SweepMark(at: Timestamp(milliseconds: at), bootID: boot, bootMilliseconds: milliseconds)
            }
        }
    }

    public func setLastSweep(_ mark: SweepMark) async throws(HistoryError) {
        try await onThread { writer in
            try writer.write { db in
                try db.execute(
                    sql: "UPDATE memory SET swept_at = ?, swept_boot = ?, swept_boot_ms = ?",
                    arguments: [mark.at.milliseconds, mark.bootID, mark.bootMilliseconds])
            }
        }
    }
}
