internal import FoundationEssentials
internal import GRDB
internal import Runs

/// A record as a row of the table `run`, and back.
enum HistoryRow {
    /// In the order in which `values` and `record` go through them.
    static let columns = [
        "run", "name", "queue", "state", "exit_code", "signal", "owner", "account", "claim", "priority", "attempt",
        "submitted_at", "started_at", "finished_at", "wait_ms", "wall_ms", "cpu_ms", "max_rss_bytes", "stdout_bytes",
        "stderr_bytes", "truncated", "bundle_sha256", "runtime", "title", "reason", "labels", "errors", "enforced",
        "dropped_files", "manifest",
    ]

    /// A run that is known already stays as it is: recovery may add it once more, and what was published does not change.
    static let insert = """
        INSERT INTO run (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT (run) DO NOTHING
        """

    static let select = "SELECT \(columns.joined(separator: ", ")), id FROM run"

    static func values(_ record: HistoryRecord) -> [DatabaseValue] {
        let status = record.status
        return [
            .of(status.run.description), .of(status.name.description), .of(status.queue.description),
            .of(status.state.rawValue), .of(status.exitCode), .of(status.signal), .of(status.owner),
            .of(record.account),
            .of(record.claim), .of(record.priority), .of(status.attempt), .of(status.submittedAt.milliseconds),
            .of(status.startedAt?.milliseconds), .of(status.finishedAt?.milliseconds), .of(status.waitMilliseconds),
            .of(status.wallMilliseconds), .of(status.cpuMilliseconds), .of(status.maxRSSBytes), .of(status.stdoutBytes),
            .of(status.stderrBytes), .of(status.truncated.map { $0 ? 1 : 0 }), .of(status.bundleSHA256),
            .of(status.runtime), .of(status.title), .of(status.reason), .of(JSONColumn.labels(status.labels)),
            .of(JSONColumn.errors(status.errors)), .of(JSONColumn.labels(status.enforced)),
            .of(JSONColumn.droppedFiles(status.droppedFiles)), .of(record.manifest),
        ]
    }

    /// What a row of `select` says; a value that cannot stand there is an error, since the file may have been edited.
    static func record(_ row: Row, path: String) throws(HistoryError) -> HistoryRecord {
        var cells = HistoryCells(row: row, path: path)
        let run = try cells.required { RunID($0) }
        cells.run = run
        var status = RunStatus(
            run: run, name: try cells.required { BundleName($0) }, queue: try cells.required { QueueName($0) },
            state: try cells.required { RunState(rawValue: $0) }, owner: "", submittedAt: Timestamp(milliseconds: 0))
        status.exitCode = try cells.number()
        status.signal = try cells.text()
        status.owner = try cells.required { $0 }
        let account = try cells.required { $0 }
        let claim: Int64 = try cells.requiredNumber()
        let priority: Int? = try cells.number()
        status.attempt = try cells.number()
        status.submittedAt = Timestamp(milliseconds: try cells.requiredNumber())
        status.startedAt = try cells.number().map(Timestamp.init(milliseconds:))
        status.finishedAt = try cells.number().map(Timestamp.init(milliseconds:))
        status.waitMilliseconds = try cells.number()
        status.wallMilliseconds = try cells.number()
        status.cpuMilliseconds = try cells.number()
        status.maxRSSBytes = try cells.number()
        status.stdoutBytes = try cells.number()
        status.stderrBytes = try cells.number()
        status.truncated = try cells.number().map { (number: Int) in number != 0 }
        status.bundleSHA256 = try cells.text()
        status.runtime = try cells.text()
        status.title = try cells.text()
        status.reason = try cells.text()
        status.labels = try cells.list(JSONColumn.labels(from:))
        status.errors = try cells.list(JSONColumn.errors(from:))
        status.enforced = try cells.list(JSONColumn.labels(from:))
        status.droppedFiles = try cells.list(JSONColumn.droppedFiles(from:))
        return HistoryRecord(
            status: status, account: account, claim: claim, priority: priority, manifest: try cells.text())
    }
}

extension DatabaseValue {
    /// GRDB hands texts over as C strings, which end at the first NUL: one that has a NUL is kept as a blob.
    fileprivate static func of(_ text: String?) -> DatabaseValue {
        guard let text else { return .null }
        return text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
    }

    fileprivate static func of(_ number: (some FixedWidthInteger)?) -> DatabaseValue {
        guard let number else { return .null }
        return Int64(clamping: number).databaseValue
    }
}
