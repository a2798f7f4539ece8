internal import GRDB
internal import Runs

/// Reads what can be read of a damaged history, row by row: what is on whole pages comes out, the rest is counted.
///
/// Blocks, so `next` is called on threads of its own, one call at a time: hence unchecked.
public final class HistorySalvage: @unchecked Sendable {
    public let path: String
    private let database: DatabaseQueue
    /// The row that was read last, and the last there is.
    private var position: Int64 = 0
    private var last: Int64?
    /// Rows, or places where there may have been one, that cannot be read.
    public private(set) var lost: Int64 = 0
    private var count: Int64 = 0

    private static let page: Int64 = 500
    /// So many places in a row with nothing are taken for the end: where the last row is may be damaged, too.
    private static let patience: Int64 = 2_000
    private var missing: Int64 = 0
    private var isOver = false

    /// - Throws: if nothing at all can be read of it.
    public init(path: String) throws(HistoryError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.readonly = true
            database = try DatabaseQueue(path: path, configuration: configuration)
            let version = try database.inDatabase { db in try Int64.fetchOne(db, sql: "PRAGMA user_version") }
            guard version == HistorySchema.version else {
                throw HistoryError(code: .damaged, subject: path, cause: "its schema is of another version, or gone")
            }
            last = try? database.inDatabase { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM run") }
        } catch {
            throw HistoryError.from(error, path: path)
        }
    }

    /// What it knew of how far back it goes; nil if that cannot be read.
    public var memory: HistoryMemory? {
        let row = try? database.inDatabase { db in
            try Row.fetchOne(db, sql: "SELECT since, forgotten_until FROM memory")
        }
        guard let row, let since = row.number(0) else { return nil }
        return HistoryMemory(
            since: Timestamp(milliseconds: since), forgottenUntil: row.number(1).map(Timestamp.init(milliseconds:)))
    }

    /// Whether everything came out, as far as its own counter tells. After the last page.
    public var isComplete: Bool {
        let runs = try? database.inDatabase { db in try Int64.fetchOne(db, sql: "SELECT runs FROM memory") }
        return lost == 0 && last != nil && runs == count
    }

    /// Some more runs; nil at the end.
    public func next() -> [HistoryRecord]? {
        if let last, position >= last { return nil }
        if isOver { return nil }
        if let records = whole() { return records }
        if missing <= Self.patience { return singly() }
        // A wide gap: looked behind it, twice as far each time.
        guard let last, missing < last else { return nil }
        position += missing
        missing *= 2
        return []
    }

    /// A page read at once; nil if not all of it can be.
    private func whole() -> [HistoryRecord]? {
        let rows = try? database.inDatabase { db in
            let rows = try Row.fetchAll(
                db, sql: HistoryRow.select + " WHERE run.id > ? ORDER BY run.id LIMIT ?",
                arguments: [position, Self.page])
            return try rows.map { (try HistoryRow.record($0, path: path), $0["id"] as Int64) }
        }
        guard let rows else { return nil }
        guard let end = rows.last?.1 else {
            isOver = true
            return []
        }
        position = end
        missing = 0
        count += Int64(rows.count)
        return rows.map { withAttempts($0.0) }
    }

    private func singly() -> [HistoryRecord] {
        var records: [HistoryRecord] = []
        let end = min(position + Self.page, last ?? .max)
        while position < end {
            position += 1
            let row = Result {
                try database.inDatabase { db in
                    try Row.fetchOne(
                        try db.cachedStatement(sql: HistoryRow.select + " WHERE run.id = ?"), arguments: [position])
                }
            }
            switch row {
            case .success(let row?):
                if let record = try? HistoryRow.record(row, path: path) {
                    records.append(withAttempts(record))
                    count += 1
                    missing = 0
                } else {
                    lost += 1
                }
            case .success(nil): missing += 1
            case .failure:
                missing += 1
                lost += 1
            }
        }
        return records
    }

    private func withAttempts(_ record: HistoryRecord) -> HistoryRecord {
        // Also of a run whose last attempt is its first: it may have been cancelled before the next.
        var record = record
        let attempts = try? database.inDatabase { db in try AttemptRow.all(of: record.status, db, path: path) }
        record.earlier = attempts ?? []
        return record
    }
}
