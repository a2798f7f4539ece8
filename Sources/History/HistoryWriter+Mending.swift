internal import GRDB
internal import Runs

/// What a damaged history is made new with.
extension HistoryWriter {
    /// Opens it now, as the first use would.
    public func open() async throws(HistoryError) { try await onThread { try $0.read { _ in } } }

    /// Lets go of a database that was moved, replaced or deleted. The next use opens what is there now, or begins a new one.
    public func leaveMoved() async throws(HistoryError) {
        try await onThread { writer in writer.letGo() }
    }

    /// Moves the database, with its -wal and -shm, to another name in its directory. The next use begins a new one.
    public func setAside(as name: String) async throws(HistoryError) {
        try await onThread { writer in
            let directory = writer.path.lastIndex(of: "/").map { writer.path[...$0] } ?? ""
            try writer.moveAway(to: directory + name)
        }
    }

    /// Whether every page and every index is what it should be. Reads all of it, a second or so for a GiB.
    ///
    /// - Throws: `moved`, if what is open is not what lies in its place.
    public func isWhole() async throws(HistoryError) -> Bool {
        do {
            return try await onThread { writer in
                try writer.mendFiles()
                return try writer.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") == "ok" }
            }
        } catch {
            if error.code == .damaged { return false }
            throw error
        }
    }

    /// Goes on counting claims behind this one.
    public func raiseClaim(to claim: Int64) async throws(HistoryError) {
        try await onThread { writer in
            try writer.write { db in
                try db.execute(
                    sql: "UPDATE memory SET claim = max(ifnull(claim, ?1), ?1)", arguments: [claim])
            }
        }
    }

    /// How far back it knows every run, once it was made from an older one.
    public func setMemory(_ memory: HistoryMemory) async throws(HistoryError) {
        try await onThread { writer in
            try writer.write { db in
                try db.execute(
                    sql: """
                        UPDATE memory SET since = ?1,
                            forgotten_until = iif(?2 IS NULL, forgotten_until, max(ifnull(forgotten_until, ?2), ?2))
                        """,
                    arguments: [memory.since.milliseconds, memory.forgottenUntil?.milliseconds])
            }
        }
    }

    /// Takes the sums and the audit of another history in, each table whole or not at all. A day's sums are those of the
    /// history that counted more runs: one of them has seen them all.
    ///
    /// - Returns: the tables that cannot be read.
    public func takeSums(from path: String) async throws(HistoryError) -> [String] {
        try await onThread { writer in
            try writer.read { db in
                do {
                    try db.execute(sql: "ATTACH ? AS old", arguments: [path])
                } catch { return Self.sums.map(\.table) + ["audit"] }
                defer { try? db.execute(sql: "DETACH old") }
                var unread: [String] = []
                for (table, key) in Self.sums {
                    do { try db.execute(sql: Self.merge(table, key)) } catch {
                        guard Self.isOfOld(error) else { throw error }
                        unread.append(table)
                    }
                }
                do { try db.execute(sql: Self.mergeAudit) } catch {
                    guard Self.isOfOld(error) else { throw error }
                    unread.append("audit")
                }
                return unread
            }
        }
    }

    private static var sums: [(table: String, key: String)] {
        [
            ("statistics", "day, queue, owner, name, state"),
            ("statistics_by_queue_owner", "day, queue, owner, state"), ("statistics_by_day", "day, state"),
        ]
    }

    private static func merge(_ table: String, _ key: String) -> String {
        let sums = ["runs", "wall_ms", "cpu_ms", "wait_ms"]
        let columns = "\(key), \(sums.joined(separator: ", "))"
        return """
            INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM old.\(table) WHERE true
            ON CONFLICT (\(key)) DO UPDATE SET \(sums.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            WHERE excluded.runs > runs
            """
    }

    private static var mergeAudit: String {
        let columns = ["at", "uid", "user", "action", "queue", "run", "detail", "outcome"]
        let list = columns.joined(separator: ", ")
        let same = columns.map { "main.audit.\($0) IS former.\($0)" }.joined(separator: " AND ")
        return """
            INSERT INTO main.audit (\(list)) SELECT \(list) FROM old.audit AS former
            WHERE NOT EXISTS (SELECT 1 FROM main.audit WHERE \(same)) ORDER BY former.id
            """
    }

    /// A full disk or a lock is not the old file's fault: it is tried again.
    private static func isOfOld(_ error: any Error) -> Bool {
        ![.full, .busy].contains(HistoryError.from(error, path: "").code)
    }
}
