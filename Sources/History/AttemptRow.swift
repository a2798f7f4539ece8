internal import GRDB
internal import Runs

/// An attempt that another one followed, as a row of the table `attempt`, and back.
enum AttemptRow {
    static let insert = """
        INSERT OR IGNORE INTO attempt (
            run, number, state, exit_code, signal, reason, started_at, finished_at, wait_ms, wall_ms, cpu_ms,
            max_rss_bytes, stdout_bytes, stderr_bytes, truncated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static func values(_ status: RunStatus, of run: Int64, number: Int) -> [DatabaseValue] {
        let head: [DatabaseValue] = [
            .of(run), .of(status.attempt ?? number), .of(status.state.rawValue), .of(status.exitCode),
            .of(status.signal), .of(status.reason),
        ]
        return head + Measurements.values(status)
    }

    private static let select = """
        SELECT state, number, exit_code, signal, reason, started_at, finished_at, wait_ms, wall_ms, cpu_ms, max_rss_bytes,
            stdout_bytes, stderr_bytes, truncated
        FROM attempt WHERE run = (SELECT id FROM run WHERE run = ?) ORDER BY number
        """

    /// Those of a run, in their order.
    static func all(of whole: RunStatus, _ db: Database, path: String) throws -> [RunStatus] {
        try Row.fetchAll(db, sql: select, arguments: [whole.run.description]).map {
            try status($0, of: whole, path: path)
        }
    }

    /// - Parameter whole: the run, of which the attempt has what all its attempts have.
    private static func status(_ row: Row, of whole: RunStatus, path: String) throws(HistoryError) -> RunStatus {
        var cells = HistoryCells(row: row, path: path)
        cells.run = whole.run
        var status = RunStatus(
            run: whole.run, name: whole.name, queue: whole.queue,
            state: try cells.required { RunState(rawValue: $0) }, owner: whole.owner, submittedAt: whole.submittedAt)
        status.attempt = try cells.number()
        status.exitCode = try cells.number()
        status.signal = try cells.text()
        status.reason = try cells.text()
        try Measurements.read(&cells, into: &status)
        return status
    }
}
