internal import GRDB
public import Runs

/// The commands' side of the history: reads it from any process that may, while the daemon writes, and never makes it wait.
///
/// Every answer is read in short transactions, however slowly it is used: a transaction that stays open would keep the daemon
/// from ever resetting its WAL.
public struct HistoryReader: Sendable {
    public let path: String
    private let database: DatabaseQueue
    private let few: Int64

    /// Rows of one transaction.
    private static let page = 500
    /// Places in the order that are looked up at once, where more than a page is asked for: they take 32 bytes each.
    private static let lookahead = 20_000

    /// Opens an existing history for reading.
    public init(path: String) throws(HistoryError) { try self.init(path: path, few: HistorySearch.few) }

    /// - Parameter few: How many rows of an index count as few; for tests, which have no millions of them.
    package init(path: String, few: Int64) throws(HistoryError) {
        self.path = path
        self.few = few
        do { database = try HistoryConnection.reading(path).database } catch {
            throw HistoryError.from(error, path: path)
        }
    }

    /// The runs that a filter lets through, in its order.
    public func records(_ filter: HistoryFilter = HistoryFilter()) throws(HistoryError) -> [HistoryRecord] {
        var records: [HistoryRecord] = []
        do { try forEach(filter) { records.append($0) } } catch { throw HistoryError.from(error, path: path) }
        return records
    }

    /// Hands over what `records` returns one by one, so that all of a large history can be printed. Between pages runs may come
    /// and go; none is given twice, and none is left out that is there from the beginning to the end.
    ///
    /// In an order that no index has, at most `HistorySort.limitOfOthers` runs.
    public func forEach(_ filter: HistoryFilter = HistoryFilter(), _ body: (HistoryRecord) throws -> Void) throws {
        var left = filter.limit ?? .max
        var last = try filter.after.map { try position(of: $0, filter.sort) }
        let isIndexed = filter.sort.key.isIndexed
        if !isIndexed { left = min(left, HistorySort.limitOfOthers) }
        while left > 0 {
            let limit = isIndexed ? min(left, Self.lookahead) : left
            let hits = try read { db in try HistorySearch(db, filter, after: last, limit: limit, few: few).page() }
            for start in stride(from: 0, to: hits.count, by: Self.page) {
                let page = hits[start..<min(start + Self.page, hits.count)]
                for record in try records(page.map(\.id)) { try body(record) }
            }
            guard hits.count == limit, let end = hits.last else { return }
            last = HistoryPosition(value: end.value, id: end.id)
            left -= hits.count
        }
    }

    /// Runs whose id begins with a text, in their order; enough of them to say that it is not unique.
    public func run(beginningWith prefix: String, limit: Int = 10) throws(HistoryError) -> [RunID] {
        // An id is upper case letters and digits: '~' is behind all of them.
        try runs(
            "SELECT run FROM run WHERE run >= ? AND run < ? ORDER BY run LIMIT ?",
            [prefix.databaseValue, (prefix + "~").databaseValue, max(0, limit).databaseValue])
    }

    /// The runs that repeat a run, in the order of their ids.
    public func repeats(of run: RunID, limit: Int = 100) throws(HistoryError) -> [RunID] {
        try runs(
            "SELECT run FROM run WHERE parent_run = ? ORDER BY run LIMIT ?",
            [run.description.databaseValue, max(0, limit).databaseValue])
    }

    private func runs(_ sql: String, _ arguments: [DatabaseValue]) throws(HistoryError) -> [RunID] {
        let texts = try read { db in
            try DatabaseValue.fetchAll(db, sql: sql, arguments: StatementArguments(arguments))
        }
        return texts.compactMap { value in
            guard case .string(let text) = value.storage else { return nil }
            return RunID(text)
        }
    }

    /// One run, or nil.
    public func record(_ run: RunID) throws(HistoryError) -> HistoryRecord? {
        try first(" WHERE run.run = ?", [run.description.databaseValue])
    }

    /// How a run's attempts ended that another one followed, in their order.
    public func earlierAttempts(of run: RunStatus) throws(HistoryError) -> [RunStatus] {
        try read { db in try AttemptRow.all(of: run, db, path: path) }
    }

    /// Of the finished runs of a name, the one claimed last; in every queue if none is given.
    public func latest(name: BundleName, queue: QueueName? = nil) throws(HistoryError) -> HistoryRecord? {
        let inQueue = queue == nil ? "" : " AND queue = ?"
        let arguments = [name.description.databaseValue] + (queue.map { [$0.description.databaseValue] } ?? [])
        return try first(
            " WHERE run.id = (SELECT latest FROM job WHERE name = ?\(inQueue) ORDER BY claim DESC, latest DESC LIMIT 1)",
            arguments)
    }

    private func first(_ condition: String, _ arguments: [DatabaseValue]) throws(HistoryError) -> HistoryRecord? {
        try read { db in
            try Row.fetchOne(db, sql: HistoryRow.select + condition, arguments: StatementArguments(arguments))
                .map { try HistoryRow.record($0, path: path) }
        }
    }

    /// Those of the rows that are still there.
    private func records(_ ids: [Int64]) throws(HistoryError) -> [HistoryRecord] {
        try read { db in
            let statement = try db.cachedStatement(sql: HistoryRow.select + " WHERE run.id = ?")
            return try ids.compactMap { id in
                try Row.fetchOne(statement, arguments: [id]).map { try HistoryRow.record($0, path: path) }
            }
        }
    }

    private func position(of run: RunID, _ sort: HistorySort) throws(HistoryError) -> HistoryPosition {
        let sql = """
            SELECT \(sort.key.sql), run.id FROM run JOIN kind ON kind.id = run.kind JOIN job ON job.id = run.job
            WHERE run.run = ?
            """
        let row = try read { db in try Row.fetchOne(db, sql: sql, arguments: [run.description]) }
        guard let row, let id = row.number(1) else {
            throw HistoryError(code: .unknownRun, subject: path, cause: run.description)
        }
        return HistoryPosition(value: row[0], id: id)
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do { return try database.read(body) } catch { throw HistoryError.from(error, path: path) }
    }
}
