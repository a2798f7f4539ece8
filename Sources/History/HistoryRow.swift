internal import FoundationEssentials
internal import GRDB
internal import Runs

/// A record as a row of the table `run`, and back.
enum HistoryRow {
    /// What `record` goes through, in its order; version 1 of the schema ends before `parent_run`.
    static let columns = [
        "run", "name", "queue", "state", "exit_code", "signal", "owner", "account", "claim", "priority", "attempt",
        "submitted_at", "started_at", "finished_at", "wait_ms", "wall_ms", "cpu_ms", "max_rss_bytes", "stdout_bytes",
        "stderr_bytes", "truncated", "bundle_sha256", "runtime", "title", "reason", "labels", "errors", "enforced",
        "dropped_files", "manifest", "parent_run", "result_bytes", "bundle_bytes", "own_words",
    ]

    /// Outer joins: a row whose other half somebody deleted is damage to be told, not a run to be left out.
    static let select = """
        SELECT run.run, job.name, job.queue, kind.state, kind.exit_code, run.signal, kind.owner, run.account, run.claim,
            run.priority, run.attempt, run.submitted_at, run.started_at, run.finished_at, run.wait_ms, run.wall_ms,
            run.cpu_ms, run.max_rss_bytes, run.stdout_bytes, run.stderr_bytes, run.truncated, run.bundle_sha256,
            kind.runtime, run.title, reason.body, run.labels, run.errors, enforced.body, run.dropped_files,
            manifest.body, run.parent_run, run.result_bytes, run.bundle_bytes, own_words.body, run.id
        FROM run LEFT JOIN job ON job.id = run.job LEFT JOIN kind ON kind.id = run.kind
            LEFT JOIN reason ON reason.id = run.reason LEFT JOIN text AS enforced ON enforced.id = run.enforced
            LEFT JOIN text AS manifest ON manifest.id = run.manifest
            LEFT JOIN own_words ON own_words.run = run.id
        """

    /// What the other tables have of a run.
    struct References {
        let job: Int64
        let kind: Int64
        let reason: Int64?
        let enforced: Int64?
        let manifest: Int64?
    }

    static let insert = """
        INSERT INTO run (
            run, job, kind, reason, account, signal, claim, priority, attempt, submitted_at, started_at, finished_at, wait_ms,
            wall_ms, cpu_ms, max_rss_bytes, stdout_bytes, stderr_bytes, truncated, result_bytes, bundle_bytes, parent_run,
            enforced, manifest, bundle_sha256, title, labels, dropped_files, errors)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static func values(_ record: HistoryRecord, _ references: References) -> [DatabaseValue] {
        let status = record.status
        // Texts are equal to Swift where they differ in bytes.
        let isOwners = record.account.utf8.elementsEqual(status.owner.utf8)
        let head: [DatabaseValue] = [
            .of(status.run.description), .of(references.job), .of(references.kind), .of(references.reason),
            .of(isOwners ? nil : record.account), .of(status.signal), .of(record.claim), .of(record.priority),
            .of(status.attempt), .of(status.submittedAt.milliseconds),
        ]
        let rest: [DatabaseValue] = [
            .of(record.resultBytes), .of(record.bundleBytes),
            .of(status.parentRun?.description), .of(references.enforced), .of(references.manifest),
            .of(status.bundleSHA256), .of(status.title), .of(JSONColumn.labels(status.labels)),
            .of(JSONColumn.droppedFiles(status.droppedFiles)), .of(JSONColumn.errors(status.errors)),
        ]
        return head + Measurements.values(status) + rest
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
        let account = try cells.text()
        let claim: Int64 = try cells.requiredNumber()
        let priority: Int? = try cells.number()
        status.attempt = try cells.number()
        status.submittedAt = Timestamp(milliseconds: try cells.requiredNumber())
        try Measurements.read(&cells, into: &status)
        status.bundleSHA256 = try cells.text()
        status.runtime = try cells.text()
        status.title = try cells.text()
        status.reason = try cells.text()
        status.labels = try cells.list(JSONColumn.labels(from:))
        status.errors = try cells.list(JSONColumn.errors(from:))
        status.enforced = try cells.list(JSONColumn.labels(from:))
        status.droppedFiles = try cells.list(JSONColumn.droppedFiles(from:))
        let manifest = try cells.text()
        status.parentRun = try cells.optional { RunID($0) }
        let resultBytes: Int64? = try cells.number()
        let bundleBytes: Int64? = try cells.number()
        _ = try cells.optional { status.read(ownWords: $0) ? true : nil }
        return HistoryRecord(
            status: status, account: account, claim: claim, priority: priority, manifest: manifest,
            resultBytes: resultBytes, bundleBytes: bundleBytes)
    }
}

extension DatabaseValue {
    /// GRDB hands texts over as C strings, which end at the first NUL: one that has a NUL is kept as a blob.
    static func of(_ text: String?) -> DatabaseValue {
        guard let text else { return .null }
        return text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
    }

    static func of(_ number: (some FixedWidthInteger)?) -> DatabaseValue {
        guard let number else { return .null }
        return Int64(clamping: number).databaseValue
    }
}
