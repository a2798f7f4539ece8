internal import FoundationEssentials
internal import GRDB
internal import Runs

/// Brings the rows of an older schema into a newer one, within the migration's transaction.
struct HistoryMigration {
    private let db: Database
    private let path: String

    init(_ db: Database, path: String) {
        self.db = db
        self.path = path
    }

    /// Each run is added as a new one would be, and so counted once. A row that makes no sense ends it, and the file stays at
    /// version 1 as it was.
    func toVersion2() throws {
        let since = try Int64.fetchOne(db, sql: "SELECT since FROM memory")
        // Index names are the database's, not the table's.
        let indexes = ["run", "time", "queue", "state", "owner", "name", "claim"]
        for index in indexes { try db.execute(sql: "DROP INDEX run_by_\(index)") }
        try db.execute(sql: "ALTER TABLE run RENAME TO run_of_version_1; DROP TABLE memory")
        try db.execute(sql: HistorySchema.version2)
        try db.execute(
            sql: "INSERT INTO memory (since, runs, seed) VALUES (?, 0, ?)",
            arguments: [since ?? Timestamp.now().milliseconds, Int64.random(in: .min ... .max)])
        let columns = HistoryRow.columns.prefix { $0 != "parent_run" }.joined(separator: ", ")
        let rows = try Row.fetchCursor(
            db, sql: "SELECT \(columns), NULL, NULL, NULL, NULL FROM run_of_version_1 ORDER BY id")
        var insertion = try RunInsertion(db)
        while let row = try rows.next() { try insertion.add(try HistoryRow.record(row, path: path)) }
        try insertion.finish()
        try db.execute(sql: "DROP TABLE run_of_version_1")
        try db.execute(sql: HistorySchema.views)
        try db.execute(sql: "PRAGMA user_version = 2")
    }
}
