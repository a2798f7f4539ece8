internal import GRDB
internal import Runs

/// Adds runs within one transaction, and counts them.
///
/// What a batch adds to the counters is summed up here and written once at the end: a batch has hundreds of runs of a few
/// kinds. `finish` must be called in the same transaction.
struct RunInsertion {
    private let db: Database
    private var kinds: [KindKey: Int64] = [:]
    private var counts = ReferenceCounts()
    private var reasons: SharedTexts
    private var texts: SharedTexts
    private var statistics = StatisticsIncrement()
    private var added: Int64 = 0
    private var lastClaim = Int64.min

    init(_ db: Database) throws {
        self.db = db
        let seed = try Int64.fetchOne(db, sql: "SELECT seed FROM memory") ?? 0
        reasons = SharedTexts(table: "reason", index: "reason_body", seed: seed)
        texts = SharedTexts(table: "text", index: nil, seed: seed)
    }

    private struct KindKey: Hashable {
        let queue: QueueName
        let state: RunState
        let owner: TextKey
        let runtime: TextKey?
        let exitCode: Int32?
        let duration: Int64?
    }

    /// A run that is known already stays as it is: recovery may add it once more, and what was published does not change.
    mutating func add(_ record: HistoryRecord) throws {
        let status = record.status
        let known = try db.cachedStatement(sql: "SELECT 1 FROM run WHERE run = ?")
        if try Int64.fetchOne(known, arguments: [status.run.description]) != nil { return }
        let kind = try kind(status)
        let job = try job(status)
        let newest = status.submittedAt.milliseconds
        let references = HistoryRow.References(
            job: job, kind: kind, reason: try reasons.id(of: status.reason, db),
            enforced: try texts.id(of: JSONColumn.labels(status.enforced), db),
            manifest: try texts.id(of: record.manifest, db))
        counts.add(.kind, kind, newest: newest)
        if let reason = references.reason { counts.add(.reason, reason, newest: newest) }
        for text in [references.enforced, references.manifest] {
            if let text { counts.add(.text, text, newest: newest) }
        }
        let insert = try db.cachedStatement(sql: HistoryRow.insert)
        try insert.execute(arguments: StatementArguments(HistoryRow.values(record, references)))
        let id = db.lastInsertedRowID
        try count(job: job, run: id, record)
        for label in LabelKey.all(of: status.labels) { try add(label, run: id, kind: kind, at: newest) }
        statistics.add(status)
        added += 1
        lastClaim = max(lastClaim, record.claim)
    }

    /// Writes the counters.
    func finish() throws {
        if added == 0 { return }
        try counts.write(db)
        try statistics.write(db)
        let memory = try db.cachedStatement(
            sql: "UPDATE memory SET runs = runs + ?, claim = max(ifnull(claim, ?2), ?2)")
        try memory.execute(arguments: [added, lastClaim])
    }

    private mutating func kind(_ status: RunStatus) throws -> Int64 {
        let key = KindKey(
            queue: status.queue, state: status.state, owner: TextKey(status.owner),
            runtime: status.runtime.map(TextKey.init), exitCode: status.exitCode,
            duration: status.wallMilliseconds.map(DurationRange.of))
        if let id = kinds[key] { return id }
        let values: [DatabaseValue] = [
            .of(status.queue.description), .of(status.state.rawValue), .of(status.owner), .of(status.runtime),
            .of(status.exitCode), .of(key.duration),
        ]
        let find = try db.cachedStatement(
            sql: """
                SELECT id FROM kind WHERE queue = ? AND state = ? AND owner = ? AND ifnull(runtime, '') = ifnull(?, '')
                    AND ifnull(exit_code, 'none') = ifnull(?, 'none') AND ifnull(duration, -1) = ifnull(?, -1)
                """)
        var id = try Int64.fetchOne(find, arguments: StatementArguments(values))
        if id == nil {
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO kind (queue, state, owner, runtime, exit_code, duration, runs, newest)
                    VALUES (?, ?, ?, ?, ?, ?, 0, \(Int64.min))
                    """)
            try insert.execute(arguments: StatementArguments(values))
            id = db.lastInsertedRowID
        }
        kinds[key] = id
        return id ?? 0
    }

    private func job(_ status: RunStatus) throws -> Int64 {
        let name = status.name.description
        let find = try db.cachedStatement(sql: "SELECT id FROM job WHERE name = ? AND queue = ?")
        if let id = try Int64.fetchOne(find, arguments: [name, status.queue.description]) { return id }
        let insert = try db.cachedStatement(
            sql:
                "INSERT INTO job (name, queue, runs, newest, latest, claim) VALUES (?, ?, 0, \(Int64.min), 0, \(Int64.min))"
        )
        try insert.execute(arguments: [name, status.queue.description])
        let id = db.lastInsertedRowID
        let index = try db.cachedStatement(sql: "INSERT INTO job_name (rowid, name) VALUES (?, ?)")
        try index.execute(arguments: [id, name])
        return id
    }

    /// Counts the run of its name in its queue; of equal claims, the one that came last is the latest.
    private func count(job: Int64, run: Int64, _ record: HistoryRecord) throws {
        let count = try db.cachedStatement(
            sql: """
                UPDATE job SET runs = runs + 1, newest = max(newest, ?1),
                    latest = iif(?2 >= claim, ?3, latest), claim = max(claim, ?2) WHERE id = ?4
                """)
        try count.execute(arguments: [record.status.submittedAt.milliseconds, record.claim, run, job])
    }

    private func add(_ label: LabelKey, run: Int64, kind: Int64, at newest: Int64) throws {
        let count = try db.cachedStatement(
            sql: """
                INSERT INTO label (key, value, runs, newest) VALUES (?, ?, 1, ?) ON CONFLICT (key, value)
                DO UPDATE SET runs = runs + 1, newest = max(newest, excluded.newest) RETURNING id
                """)
        let id = try Int64.fetchOne(count, arguments: [label.key, label.value, newest]) ?? 0
        let insert = try db.cachedStatement(sql: "INSERT INTO run_label VALUES (?, ?, ?, ?)")
        try insert.execute(arguments: [id, kind, newest, run])
    }
}
