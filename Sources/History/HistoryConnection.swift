internal import FoundationEssentials
internal import GRDB
internal import GRDBSQLite
internal import Glibc
internal import Linux

/// One open database, and which files on disk it is.
struct HistoryConnection {
    let database: DatabaseQueue
    /// The database, its -wal and its -shm as they were when it was opened.
    let files: [FileIdentity?]

    /// Whether there is a database without its -wal, which stays beside it at every end: somebody took it away, and with it what
    /// was not yet moved into the database; or put a copy in its place.
    static func lacksWAL(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size > 0 && FileIdentity(path + "-wal") == nil
    }

    /// Whether there is no database: no file, or an empty one.
    static func isGone(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 ? errno == ENOENT : status.st_size == 0
    }

    static func files(_ path: String) -> [FileIdentity?] { ["", "-wal", "-shm"].map { FileIdentity(path + $0) } }

    /// Opens the database for writing; makes it if there is none, and brings an older one up to date.
    static func writing(_ path: String, busyTimeout: TimeInterval) throws -> HistoryConnection {
        try create(path)
        var configuration = Configuration()
        configuration.label = "history"
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(busyTimeout)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // Before anything is written: what is not ours, or newer, is refused as it is.
            if try HistorySchema.check(db, path: path) == 0 {
                // Possible only before the first table.
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
                try db.execute(sql: "PRAGMA application_id = \(HistorySchema.applicationID)")
            }
            try keepWAL(db, path: path)
        }
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.writeWithoutTransaction { db in
            // GRDB has set NORMAL with WAL, which may lose the last transactions in a power cut.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // What a long reader made the WAL grow to is given back at the next reset.
            try db.execute(sql: "PRAGMA journal_size_limit = 16777216")
            // A transaction of a busy daemon touches hundreds of pages in every index: with the standard 4 MiB of WAL and 2 MiB
            // of cache every second one would write them all back, and read them again.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8192")
        }
        CutPoint.pass("migrate", "history")
        try HistorySchema.migrator(path: path).migrate(database)
        return HistoryConnection(database: database, files: files(path))
    }

    /// Opens the database for reading only.
    static func reading(_ path: String) throws -> HistoryConnection {
        var configuration = Configuration()
        configuration.label = "history"
        configuration.readonly = true
        // Only while another process recovers the WAL or closes the database is a reader ever asked to wait.
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            let found = try HistorySchema.check(db, path: path)
            if found == 0 { throw HistoryError(code: .missing, subject: path) }
            if found < HistorySchema.version { throw HistoryError(code: .olderSchema, subject: path) }
            try keepWAL(db, path: path)
        }
        let database = try DatabaseQueue(path: path, configuration: configuration)
        return HistoryConnection(database: database, files: files(path))
    }

    /// Readers of the admin group may not make files beside the database, and without -wal and -shm they could not open it:
    /// both stay when the last connection closes.
    private static func keepWAL(_ db: Database, path: String) throws {
        var on: CInt = 1
        guard sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &on) == SQLITE_OK else {
            throw HistoryError(code: .failed, subject: path, cause: "SQLITE_FCNTL_PERSIST_WAL was refused")
        }
    }

    /// SQLite gives -wal and -shm the mode that the database has. A file that is there is never opened here: closing any
    /// descriptor of it would drop the locks that SQLite holds on it in this process.
    private static func create(_ path: String) throws(HistoryError) {
        CutPoint.pass("create", "history")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            let code = errno
            if code == EEXIST { return }
            throw HistoryError(
                code: code == EACCES || code == EPERM ? .notPermitted : code == ENOSPC ? .full : .failed, subject: path,
                cause: "open: \(String(cString: strerror(code)))")
        }
        defer { close(descriptor) }
        // The umask may have taken the group's bit.
        do {
            try changeMode(of: descriptor, to: 0o640)
        } catch {
            throw HistoryError(code: .failed, subject: path, cause: "fchmod: \(error)")
        }
    }
}
