internal import Dispatch
internal import GRDB
internal import Glibc
internal import Linux
public import Runs
internal import Synchronization

/// The daemon's side of the history. It has a thread of its own: nobody who awaits it blocks the cooperative pool, and a
/// cancelled task cannot keep a row from being written.
///
/// SQLite runs in WAL with `synchronous=FULL`: what `record` has returned from is on disk, and readers never wait.
public final class HistoryWriter: Sendable {
    public let path: String
    private let busyTimeout: Double
    private let thread = DispatchQueue(label: "history")
    /// Used on the thread alone, so the lock is never contended.
    private let state: Mutex<State>

    /// Told once for each damage, by whoever met it.
    private let damaged = Mutex<(@Sendable () -> Void)?>(nil)
    private let lacksRows = Mutex(false)

    private enum State {
        case open(HistoryConnection)
        /// Not opened yet, or closed in order to be opened anew: done at the next use.
        case lost
        case closed
    }

    /// Opens the history, makes it if there is none, and brings an older one up to date. Blocks.
    ///
    /// - Parameter busyTimeout: Seconds to wait while another program keeps the database locked: who only wants to read waits for
    ///   them, too, behind who writes.
    public init(path: String, busyTimeout: Double = 2) throws(HistoryError) {
        self.path = path
        self.busyTimeout = busyTimeout
        lacksRows.withLock { $0 = HistoryConnection.lacksWAL(path) }
        do {
            state = Mutex(.open(try HistoryConnection.writing(path, busyTimeout: busyTimeout)))
        } catch {
            throw HistoryError.from(error, path: path)
        }
    }

    /// Names the history, and leaves it to the first use to open it.
    public init(unopened path: String, busyTimeout: Double = 2) {
        self.path = path
        self.busyTimeout = busyTimeout
        state = Mutex(.lost)
    }

    /// Whether runs that it knew may be missing, because its -wal was taken away before it was opened.
    public var mayLackRuns: Bool { lacksRows.withLock { $0 } }

    /// Whether there is none in its place, so that the first use makes one. Ask before that.
    public var isGone: Bool { HistoryConnection.isGone(path) }

    // MARK: - Awaiting

    /// Adds runs that are over, all of them in one transaction or none. A run that is known already stays as it is.
    public func record(_ batch: [HistoryRecord]) async throws(HistoryError) {
        try await onThread { try $0.recordNow(batch) }
    }

    /// What is known of a run, or nil.
    public func knows(_ run: RunID) async throws(HistoryError) -> KnownRun? {
        try await onThread { try $0.look([run])[run] }
    }

    /// What is known of runs; those that are not known are not in it.
    public func knows(_ runs: [RunID]) async throws(HistoryError) -> [RunID: KnownRun] {
        try await onThread { try $0.look(runs) }
    }

    /// Of the finished runs of this name, the one claimed last.
    public func newestRun(queue: QueueName, name: BundleName) async throws(HistoryError) -> KnownRun? {
        try await onThread { try $0.newest(queue: queue, name: name) }
    }

    /// The history knows every run since then: when it was made, or what was last forgotten.
    public func oldestRemembered() async throws(HistoryError) -> Timestamp {
        try await onThread { try $0.memoryNow().oldest }
    }

    /// The greatest claim of all runs ever, so that a daemon that starts goes on counting behind it; nil if there was none.
    public func lastClaim() async throws(HistoryError) -> Int64? { try await onThread { try $0.lastClaimNow() } }

    // MARK: - Blocking, for the start and for recovery

    public func recordBlocking(_ batch: [HistoryRecord]) throws(HistoryError) {
        try blocking { try $0.recordNow(batch) }
    }

    public func knowsBlocking(_ run: RunID) throws(HistoryError) -> KnownRun? {
        try blocking { try $0.look([run])[run] }
    }

    public func knowsBlocking(_ runs: [RunID]) throws(HistoryError) -> [RunID: KnownRun] {
        try blocking { try $0.look(runs) }
    }

    public func newestRunBlocking(queue: QueueName, name: BundleName) throws(HistoryError) -> KnownRun? {
        try blocking { try $0.newest(queue: queue, name: name) }
    }

    public func oldestRememberedBlocking() throws(HistoryError) -> Timestamp {
        try blocking { try $0.memoryNow().oldest }
    }

    /// The greatest claim of all runs ever, so that a daemon that starts goes on counting behind it; nil if there was none.
    public func lastClaimBlocking() throws(HistoryError) -> Int64? {
        try blocking { try $0.lastClaimNow() }
    }

    /// Moves everything from the WAL into the database and closes it. Blocks; every later call throws `closed`.
    public func close() throws(HistoryError) {
        try blocking { writer in
            try writer.state.withLock { state in
                if case .open(let connection) = state { try connection.database.close() }
                state = .closed
            }
        }
    }

    // MARK: - On the thread

    private func recordNow(_ batch: [HistoryRecord]) throws {
        if batch.isEmpty { return }
        try write { db in
            var insertion = try RunInsertion(db)
            for record in batch { try insertion.add(record) }
            try insertion.finish()
        }
    }

    private func lastClaimNow() throws -> Int64? {
        try read { db in try Int64.fetchOne(db, sql: "SELECT claim FROM memory") }
    }

    private func look(_ runs: [RunID]) throws -> [RunID: KnownRun] {
        try read { db in
            let statement = try db.cachedStatement(sql: HistoryRow.select + " WHERE run.run = ?")
            var known: [RunID: KnownRun] = [:]
            for run in runs {
                guard let row = try Row.fetchOne(statement, arguments: [run.description]) else { continue }
                known[run] = KnownRun(try HistoryRow.record(row, path: path))
            }
            return known
        }
    }

    private func newest(queue: QueueName, name: BundleName) throws -> KnownRun? {
        try read { db in
            let statement = try db.cachedStatement(
                sql: HistoryRow.select + " WHERE run.id = (SELECT latest FROM job WHERE name = ? AND queue = ?)")
            guard let row = try Row.fetchOne(statement, arguments: [name.description, queue.description]) else {
                return nil
            }
            return KnownRun(try HistoryRow.record(row, path: path))
        }
    }

    func memoryNow() throws -> HistoryMemory {
        let row = try read { db in try Row.fetchOne(db, sql: "SELECT since, forgotten_until FROM memory") }
        guard let row, let since = row.number(0) else {
            throw HistoryError(code: .corrupt, subject: path, cause: "the table 'memory' is empty")
        }
        let forgotten = row.number(1).map(Timestamp.init(milliseconds:))
        return HistoryMemory(since: Timestamp(milliseconds: since), forgottenUntil: forgotten)
    }

    /// If somebody deleted -wal or -shm, SQLite goes on writing to files that nobody else can see and a crash would lose what
    /// they hold. Through this connection their content can still be brought into the database; then it is opened anew.
    func mendFiles() throws {
        try state.withLock { state in
            guard case .open(let connection) = state else { return }
            let files = HistoryConnection.files(path)
            if files == connection.files { return }
            guard files[0] != nil, files[0] == connection.files[0] else {
                throw HistoryError(code: .moved, subject: path)
            }
            try connection.database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            try connection.database.close()
            state = .lost
        }
    }

    /// Without a transaction around it, which would cost more than the question: nobody else writes.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try withDatabase { try $0.inDatabase(body) }
    }

    /// One transaction.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try mendFiles()
        CutPoint.pass("begin", "history")
        let value = try withDatabase { database in
            try database.write { db in
                let value = try body(db)
                CutPoint.pass("commit", "history")
                return value
            }
        }
        CutPoint.pass("go on after the commit", "history")
        return value
    }

    private func withDatabase<Value>(_ body: (DatabaseQueue) throws -> Value) throws -> Value {
        let database = try state.withLock { state in
            switch state {
            case .open(let connection): return connection.database
            case .closed: throw HistoryError(code: .closed, subject: path)
            case .lost:
                if HistoryConnection.lacksWAL(path) { lacksRows.withLock { $0 = true } }
                let connection = try HistoryConnection.writing(path, busyTimeout: busyTimeout)
                state = .open(connection)
                return connection.database
            }
        }
        return try body(database)
    }

    /// Closes the database, whatever state it is in. On the thread.
    func letGo() {
        state.withLock { state in
            // What cannot be closed in order is left to the next program that opens it.
            if case .open(let connection) = state { try? connection.database.close() }
            state = .lost
        }
        lacksRows.withLock { $0 = false }
    }

    /// Closes the database, whatever state it is in, and moves its files. For `setAside`, on the thread.
    func moveAway(to target: String) throws {
        letGo()
        // The database first: as long as it is there, so is what belongs to it.
        for suffix in ["", "-wal", "-shm"] {
            CutPoint.pass("set aside", "history\(suffix)")
            if rename(path + suffix, target + suffix) < 0, errno != ENOENT {
                throw HistoryError(
                    code: errno == ENOSPC ? .full : .failed, subject: path,
                    cause: "rename: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// What is done when it is found damaged; called on the history's thread.
    public func whenDamaged(_ action: @escaping @Sendable () -> Void) { damaged.withLock { $0 = action } }

    /// What a setting of the connection is; for tests.
    package func pragma(_ name: String) throws(HistoryError) -> String? {
        try blocking { writer in try writer.read { db in try String.fetchOne(db, sql: "PRAGMA \(name)") } }
    }

    func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (HistoryWriter) throws -> Value
    ) async throws(HistoryError) -> Value {
        let result: Result<Value, HistoryError> = await withCheckedContinuation { continuation in
            thread.async { continuation.resume(returning: self.result(body)) }
        }
        return try result.get()
    }

    private func blocking<Value>(_ body: (HistoryWriter) throws -> Value) throws(HistoryError) -> Value {
        try thread.sync { result(body) }.get()
    }

    private func result<Value>(_ body: (HistoryWriter) throws -> Value) -> Result<Value, HistoryError> {
        do {
            return .success(try body(self))
        } catch {
            let error = HistoryError.from(error, path: path)
            if error.code == .damaged { damaged.withLock { $0 }?() }
            return .failure(error)
        }
    }
}
