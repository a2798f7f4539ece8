internal import GRDB
internal import Runs

/// Adds runs within one transaction, and counts them.
///
/// A batch has hundreds of runs of a few kinds, jobs and labels: each is looked up once, and what the batch adds to the
/// counters is summed up here and written at the end. `finish` must be called in the same transaction; what this remembers
/// does not survive a rollback.
struct RunInsertion {
    private let db: Database
    private var kinds: [KindKey: Int64] = [:]
    private var jobs: [JobKey: Job] = [:]
    private var labels: [[TextKey]: Int64] = [:]
    /// What most runs of a machine have in common, so that it is not written as JSON for each.
    private var enforced: (list: [Label], id: Int64?) = ([], nil)
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

    private struct JobKey: Hashable {
        let name: BundleName
        let queue: QueueName
    }

    private struct Job {
        let id: Int64
        /// Of its runs in this batch, the one claimed last.
        var latest: Int64 = 0
        var claim = Int64.min
        var runs: Int64 = 0
        var newest = Int64.min

        /// Of equal claims, the one that came last is the latest.
        mutating func add(run: Int64, _ record: HistoryRecord) {
            if record.claim >= claim { (latest, claim) = (run, record.claim) }
            runs += 1
            newest = max(newest, record.status.submittedAt.milliseconds)
        }
    }

    /// A run that is known already stays as it is: recovery may add it once more, and what was published does not change.
    mutating func add(_ record: HistoryRecord) throws {
        let status = record.status
        try Checkpoint(of: record)?.keep(in: db)
        let known = try db.cachedStatement(sql: "SELECT 1 FROM run WHERE run = ?")
        if try Int64.fetchOne(known, arguments: [status.run.description]) != nil { return }
        let kind = try kind(status)
        let key = JobKey(name: status.name, queue: status.queue)
        var job = try jobs[key] ?? findJob(key)
        let newest = status.submittedAt.milliseconds
        let references = HistoryRow.References(
            job: job.id, kind: kind, reason: try reasons.id(of: status.reason, db),
            enforced: try enforced(status.enforced), manifest: try texts.id(of: record.manifest, db))
        let insert = try db.cachedStatement(sql: HistoryRow.insert)
        try insert.execute(arguments: StatementArguments(HistoryRow.values(record, references)))
        let id = db.lastInsertedRowID
        job.add(run: id, record)
        jobs[key] = job
        count(references, newest)
        if !status.labels.isEmpty { try add(status.labels, run: id, kind: kind, at: newest) }
        try add(record.earlier, of: id)
        if let words = status.ownWords {
            let insert = try db.cachedStatement(sql: "INSERT INTO own_words (run, body) VALUES (?, ?)")
            let values: [DatabaseValue] = [.of(id), .of(words)]
            try insert.execute(arguments: StatementArguments(values))
        }
        statistics.add(record)
        added += 1
        lastClaim = max(lastClaim, record.claim)
    }

    private func add(_ earlier: [RunStatus], of run: Int64) throws {
        for (index, status) in earlier.enumerated() {
            let insert = try db.cachedStatement(sql: AttemptRow.insert)
            try insert.execute(arguments: StatementArguments(AttemptRow.values(status, of: run, number: index + 1)))
        }
    }

    /// Writes the counters.
    func finish() throws {
        if added == 0 { return }
        try counts.write(db)
        let count = try db.cachedStatement(
            sql: """
                UPDATE job SET runs = runs + ?1, newest = max(newest, ?2), latest = iif(?4 >= claim, ?3, latest),
                    claim = max(claim, ?4) WHERE id = ?5
                """)
        for job in jobs.values.sorted(by: { $0.id < $1.id }) {
            try count.execute(arguments: [job.runs, job.newest, job.latest, job.claim, job.id])
        }
        try statistics.write(db)
        let memory = try db.cachedStatement(
            sql: "UPDATE memory SET runs = runs + ?, claim = max(ifnull(claim, ?2), ?2)")
        try memory.execute(arguments: [added, lastClaim])
    }

    private mutating func count(_ references: HistoryRow.References, _ newest: Int64) {
        counts.add(.kind, references.kind, newest: newest)
        if let reason = references.reason { counts.add(.reason, reason, newest: newest) }
        for text in [references.enforced, references.manifest] {
            if let text { counts.add(.text, text, newest: newest) }
        }
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
        let id =
            try Int64.fetchOne(find, arguments: StatementArguments(values))
            ?? insert("INSERT INTO kind (queue, state, owner, runtime, exit_code, duration, runs, newest)", values)
        kinds[key] = id
        return id
    }

    private func findJob(_ key: JobKey) throws -> Job {
        let values: [DatabaseValue] = [.of(key.name.description), .of(key.queue.description)]
        let find = try db.cachedStatement(sql: "SELECT id FROM job WHERE name = ? AND queue = ?")
        if let id = try Int64.fetchOne(find, arguments: StatementArguments(values)) { return Job(id: id) }
        let id = try insert(
            "INSERT INTO job (name, queue, latest, claim, runs, newest)", values + [.of(0), .of(Int64.min)])
        let index = try db.cachedStatement(sql: "INSERT INTO job_name (rowid, name) VALUES (?, ?)")
        try index.execute(arguments: [id, key.name.description])
        return Job(id: id)
    }

    private mutating func enforced(_ list: [Label]) throws -> Int64? {
        if list.isEmpty { return nil }
        if enforced.id == nil || !Self.areSame(enforced.list, list) {
            enforced = (list, try texts.id(of: JSONColumn.labels(list), db))
        }
        return enforced.id
    }

    /// By bytes, as the database compares.
    private static func areSame(_ left: [Label], _ right: [Label]) -> Bool {
        left.elementsEqual(right) {
            $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.utf8.elementsEqual($1.value.utf8)
        }
    }

    private mutating func add(_ list: [Label], run: Int64, kind: Int64, at newest: Int64) throws {
        let insertion = try db.cachedStatement(sql: "INSERT OR IGNORE INTO run_label VALUES (?, ?, ?, ?)")
        for label in list {
            let id = try id(of: label)
            try insertion.execute(arguments: [id, kind, newest, run])
            if db.changesCount > 0 { counts.add(.label, id, newest: newest) }
        }
    }

    private mutating func id(of label: Label) throws -> Int64 {
        let key = [TextKey(label.key), TextKey(label.value)]
        if let id = labels[key] { return id }
        let values: [DatabaseValue] = [.of(label.key), .of(label.value)]
        let find = try db.cachedStatement(sql: "SELECT id FROM label WHERE key = ? AND value = ?")
        let id =
            try Int64.fetchOne(find, arguments: StatementArguments(values))
            ?? insert("INSERT INTO label (key, value, runs, newest)", values)
        labels[key] = id
        return id
    }

    /// A row that no run counts yet, with `runs` and `newest` as its last columns.
    private func insert(_ into: String, _ values: [DatabaseValue]) throws -> Int64 {
        let marks = values.map { _ in "?, " }.joined()
        let statement = try db.cachedStatement(sql: "\(into) VALUES (\(marks)0, \(Int64.min))")
        try statement.execute(arguments: StatementArguments(values))
        return db.lastInsertedRowID
    }
}
