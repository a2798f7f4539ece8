internal import GRDB
public import Runs

/// What the next run of a key is to be told.
public struct Checkpoint: Hashable, Sendable {
    public let key: CheckpointKey
    /// JSON text; nil: there is none any more.
    public let value: String?
    /// The run that left it; nil if somebody set it.
    public let run: RunID?
    /// The claim of that run, or the last there was when somebody set it: what was claimed before does not change it.
    public let claim: Int64
    public let updatedAt: Timestamp

    init(key: CheckpointKey, value: String?, run: RunID?, claim: Int64, updatedAt: Timestamp) {
        self.key = key
        self.value = value
        self.run = run
        self.claim = claim
        self.updatedAt = updatedAt
    }

    /// What a run leaves that succeeded; nil if it leaves nothing.
    public init?(of record: HistoryRecord) {
        let status = record.status
        guard status.state == .succeeded, let value = status.report.checkpoint else { return nil }
        self.init(
            key: CheckpointKey(queue: status.queue, key: record.checkpointKey ?? status.name.description), value: value,
            run: status.run, claim: record.claim, updatedAt: status.finishedAt ?? status.submittedAt)
    }

    /// Keeps it, unless a later one is known.
    func keep(in db: Database) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO checkpoint (queue, key, value, run, claim, updated_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET value = excluded.value, run = excluded.run, claim = excluded.claim,
                    updated_at = excluded.updated_at
                WHERE excluded.claim > claim OR excluded.run IS NULL
                    OR excluded.claim = claim AND excluded.updated_at > updated_at
                """)
        let values: [DatabaseValue] = [
            .of(key.queue.description), .of(key.key), .of(value), .of(run?.description), .of(claim),
            .of(updatedAt.milliseconds),
        ]
        try insert.execute(arguments: StatementArguments(values))
    }

    static let select = "SELECT queue, key, value, run, claim, updated_at FROM checkpoint"

    /// nil for a row that somebody has edited into what it cannot be.
    init?(_ row: Row) {
        guard let queue = row.text(0).flatMap(QueueName.init), let key = row.text(1), let claim = row.number(4),
            let updated = row.number(5)
        else { return nil }
        self.init(
            key: CheckpointKey(queue: queue, key: key), value: row.text(2), run: row.text(3).flatMap { RunID($0) },
            claim: claim, updatedAt: Timestamp(milliseconds: updated))
    }
}

extension HistoryWriter {
    /// The keys that have a checkpoint.
    public func checkpointKeys() async throws(HistoryError) -> Set<CheckpointKey> {
        try await onThread { writer in
            try writer.read { db in
                let rows = try Row.fetchAll(db, sql: Checkpoint.select + " WHERE value IS NOT NULL")
                return Set(rows.compactMap { Checkpoint($0)?.key })
            }
        }
    }

    /// The value that is kept under a key, as JSON text.
    public func checkpoint(_ key: CheckpointKey) async throws(HistoryError) -> String? {
        try await onThread { writer in
            try writer.read { db in
                let statement = try db.cachedStatement(sql: Checkpoint.select + " WHERE queue = ? AND key = ?")
                let row = try Row.fetchOne(statement, arguments: key.arguments)
                return row.flatMap { Checkpoint($0) }?.value
            }
        }
    }

    /// Sets a key's value, or with nil takes it away.
    ///
    /// - Parameter claim: the last there was: what was claimed until now does not change it any more.
    public func setCheckpoint(
        _ key: CheckpointKey, to value: String?, claim: Int64, at time: Timestamp
    ) async throws(HistoryError) {
        try await onThread { writer in
            try writer.write { db in
                try Checkpoint(key: key, value: value, run: nil, claim: claim, updatedAt: time).keep(in: db)
            }
        }
    }
}

extension CheckpointKey {
    fileprivate var arguments: StatementArguments {
        let values: [DatabaseValue] = [.of(queue.description), .of(key)]
        return StatementArguments(values)
    }
}

extension HistoryReader {
    /// The checkpoints there are, by queue and key.
    public func checkpoints(queue: QueueName? = nil) throws(HistoryError) -> [Checkpoint] {
        let only = queue == nil ? "" : " AND queue = ?"
        let rows = try read { db in
            try Row.fetchAll(
                db, sql: Checkpoint.select + " WHERE value IS NOT NULL\(only) ORDER BY queue, key",
                arguments: StatementArguments(queue.map { [$0.description] } ?? []))
        }
        return rows.compactMap { Checkpoint($0) }
    }

    public func checkpoint(_ key: CheckpointKey) throws(HistoryError) -> Checkpoint? {
        let row = try read { db in
            try Row.fetchOne(
                db, sql: Checkpoint.select + " WHERE value IS NOT NULL AND queue = ? AND key = ?",
                arguments: key.arguments)
        }
        return row.flatMap { Checkpoint($0) }
    }
}
