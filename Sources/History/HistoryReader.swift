internal import GRDB
public import Runs

/// The commands' side of the history: reads it from any process that may, while the daemon writes, and never makes it wait.
///
/// Every answer is read in short transactions, however slowly it is used: a transaction that stays open would keep the daemon
/// from ever resetting its WAL.
public struct HistoryReader: Sendable {
    public let path: String
    private let database: DatabaseQueue

    /// Rows of one transaction.
    private static let page = 500

    /// Opens an existing history for reading.
    public init(path: String) throws(HistoryError) {
        self.path = path
        do { database = try HistoryConnection.reading(path).database } catch {
            throw HistoryError.from(error, path: path)
        }
    }

    /// The runs that a filter lets through, the last submitted first.
    public func records(_ filter: HistoryFilter = HistoryFilter()) throws(HistoryError) -> [HistoryRecord] {
        var records: [HistoryRecord] = []
        do { try forEach(filter) { records.append($0) } } catch { throw HistoryError.from(error, path: path) }
        return records
    }

    /// Hands over what `records` returns one by one, so that all of a large history can be printed. Between pages runs may come
    /// and go; none is given twice, and none is left out that is there from the beginning to the end.
    public func forEach(_ filter: HistoryFilter = HistoryFilter(), _ body: (HistoryRecord) throws -> Void) throws {
        var left = filter.limit ?? .max
        var last: HistoryQuery.Position?
        while left > 0 {
            let query = HistoryQuery(filter, after: last, limit: min(left, Self.page))
            let page = try read { db in
                try Row.fetchAll(db, sql: query.sql, arguments: StatementArguments(query.arguments)).map { row in
                    (try HistoryRow.record(row, path: path), id: row[HistoryRow.columns.count] as DatabaseValue)
                }
            }
            for (record, id) in page {
                try body(record)
                last = HistoryQuery.Position(submittedAt: record.status.submittedAt.milliseconds, id: id)
            }
            if page.count < min(left, Self.page) { return }
            left -= page.count
        }
    }

    /// Runs whose id begins with a text, in their order; enough of them to say that it is not unique.
    public func run(beginningWith prefix: String, limit: Int = 10) throws(HistoryError) -> [RunID] {
        // An id is upper case letters and digits: '~' is behind all of them.
        let texts = try read { db in
            try DatabaseValue.fetchAll(
                db, sql: "SELECT run FROM run WHERE run >= ? AND run < ? ORDER BY run LIMIT ?",
                arguments: [prefix, prefix + "~", max(0, limit)])
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

    private func read<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do { return try database.read(body) } catch { throw HistoryError.from(error, path: path) }
    }
}
