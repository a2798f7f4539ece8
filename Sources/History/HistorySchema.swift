internal import GRDB
internal import Runs

/// The database's form, and the only place that changes it.
///
/// One row a run. Columns have the names of status.json's keys, so that who reads the file with `sqlite3` finds what the
/// result's directory showed; times are milliseconds since 1970, durations milliseconds. The run is text, since people look
/// for it; it is not the primary key of a table without rowids, because rows of a kilobyte make a poor B-tree of keys, and
/// eight bytes instead of 27 in each index pay for the one more. `id` grows with every row: with a time it is a total order.
/// The long texts stand last, so that a scan for the short columns need not follow overflow pages.
enum HistorySchema {
    /// 'Bobn'.
    static let applicationID: Int64 = 0x426F_626E

    /// `PRAGMA user_version`: the number of migrations.
    static let version: Int64 = 1

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: runs") { db in
            try db.execute(
                sql: """
                    CREATE TABLE run (
                        id INTEGER PRIMARY KEY,
                        run TEXT NOT NULL,
                        name TEXT NOT NULL,
                        queue TEXT NOT NULL,
                        state TEXT NOT NULL,
                        exit_code INTEGER,
                        signal TEXT,
                        owner TEXT NOT NULL,
                        account TEXT NOT NULL,
                        claim INTEGER NOT NULL,
                        priority INTEGER,
                        attempt INTEGER,
                        submitted_at INTEGER NOT NULL,
                        started_at INTEGER,
                        finished_at INTEGER,
                        wait_ms INTEGER,
                        wall_ms INTEGER,
                        cpu_ms INTEGER,
                        max_rss_bytes INTEGER,
                        stdout_bytes INTEGER,
                        stderr_bytes INTEGER,
                        truncated INTEGER,
                        bundle_sha256 TEXT,
                        runtime TEXT,
                        title TEXT,
                        reason TEXT,
                        labels TEXT,
                        errors TEXT,
                        enforced TEXT,
                        dropped_files TEXT,
                        manifest TEXT
                    );
                    CREATE UNIQUE INDEX run_by_run ON run (run);
                    CREATE INDEX run_by_time ON run (submitted_at);
                    CREATE INDEX run_by_queue ON run (queue, submitted_at);
                    CREATE INDEX run_by_state ON run (state, submitted_at);
                    CREATE INDEX run_by_owner ON run (owner, submitted_at);
                    CREATE INDEX run_by_name ON run (name, queue, claim);
                    CREATE INDEX run_by_claim ON run (claim);
                    -- One row: the history knows every run since then.
                    CREATE TABLE memory (since INTEGER NOT NULL);
                    PRAGMA user_version = 1;
                    """)
            try db.execute(sql: "INSERT INTO memory (since) VALUES (?)", arguments: [Timestamp.now().milliseconds])
        }
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
