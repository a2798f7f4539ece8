internal import GRDB
internal import Runs

/// The database's form: which migrations there are. What each of them makes stands in a file of its own.
///
/// A migration that is out is never changed: a file that was brought up to date and one that was made new have one form.
enum HistorySchema {
    /// 'Bobn'.
    static let applicationID: Int64 = 0x426F_626E

    /// `PRAGMA user_version`: the number of migrations.
    static let version: Int64 = 4

    static func migrator(path: String) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: runs") { db in
            try db.execute(sql: version1)
            try db.execute(sql: "INSERT INTO memory (since) VALUES (?)", arguments: [Timestamp.now().milliseconds])
        }
        migrator.registerMigration("2: kinds, statistics, audit") { db in
            try HistoryMigration(db, path: path).toVersion2()
        }
        migrator.registerMigration("3: attempts") { db in try db.execute(sql: version3) }
        migrator.registerMigration("4: own words, checkpoints") { db in try db.execute(sql: version4) }
        return migrator
    }

    /// The database's version, 0 for one that is new. Changes nothing.
    static func check(_ db: Database, path: String) throws -> Int64 {
        let found = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        if application != applicationID, application != 0 || found != 0 || !isEmpty {
            throw HistoryError(code: .foreign, subject: path, cause: "an SQLite database of another program")
        }
        if found > version {
            throw HistoryError(
                code: .newerSchema, subject: path, cause: "its schema is \(found), this program knows up to \(version)")
        }
        return found
    }
}
