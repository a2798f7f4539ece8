internal import GRDB
internal import Runs

/// Forgets runs within one transaction. Their statistics stay.
struct RunDeletion {
    private let db: Database
    private var counts = ReferenceCounts()
    /// Jobs whose latest run is among those that go.
    private var orphaned: [Int64] = []

    private init(_ db: Database) { self.db = db }

    /// How many of the runs that ended first are to go: those that ended before a moment, and those beyond a number of the
    /// newest. Both are a beginning of the same order, so it is the longer of the two.
    ///
    /// - Parameter limit: nil: count all of them, which takes some 50 ns a run.
    static func due(_ db: Database, finishedBefore: Timestamp?, keepingNewest: Int64?, limit: Int64?) throws -> Int64 {
        var due: Int64 = 0
        if let finishedBefore {
            let counted = "SELECT id FROM run WHERE ifnull(finished_at, submitted_at) < ? LIMIT ?"
            due =
                try Int64.fetchOne(
                    db, sql: "SELECT count(*) FROM (\(counted))", arguments: [finishedBefore.milliseconds, limit ?? -1])
                ?? 0
        }
        if let keepingNewest {
            let all = try Int64.fetchOne(db, sql: "SELECT runs FROM memory") ?? 0
            due = max(due, all - max(0, keepingNewest))
        }
        return min(due, limit ?? due)
    }

    /// Deletes at most `limit` of the runs that are due, and says how many.
    static func run(_ db: Database, finishedBefore: Timestamp?, keepingNewest: Int64?, limit: Int) throws -> Int {
        let due = try due(db, finishedBefore: finishedBefore, keepingNewest: keepingNewest, limit: Int64(max(0, limit)))
        if due == 0 { return 0 }
        var deletion = RunDeletion(db)
        return try deletion.deleteOldest(due)
    }

    private mutating func deleteOldest(_ count: Int64) throws -> Int {
        let victims = try Row.fetchAll(
            db,
            sql: """
                SELECT run.id, run.run, run.job, run.kind, run.reason, run.enforced, run.manifest, run.submitted_at, run.labels,
                    job.latest
                FROM run LEFT JOIN job ON job.id = run.job
                ORDER BY ifnull(run.finished_at, run.submitted_at), run.id LIMIT ?
                """, arguments: [count])
        let delete = try db.cachedStatement(sql: "DELETE FROM run WHERE id = ?")
        let deleteAttempts = try db.cachedStatement(sql: "DELETE FROM attempt WHERE run = ?")
        let deleteWords = try db.cachedStatement(sql: "DELETE FROM own_words WHERE run = ?")
        if victims.isEmpty { return 0 }
        var until = Int64.min
        for victim in victims {
            guard let id = victim.number(0) else { continue }
            if let run = victim.text(1).flatMap({ RunID($0) }) { until = max(until, run.time.milliseconds) }
            try deleteLabels(of: id, victim)
            try deleteAttempts.execute(arguments: [id])
            try deleteWords.execute(arguments: [id])
            try delete.execute(arguments: [id])
            let references: [(ReferenceCounts.Table, Int64?)] = [
                (.job, victim.number(2)), (.kind, victim.number(3)), (.reason, victim.number(4)),
                (.text, victim.number(5)), (.text, victim.number(6)),
            ]
            for (table, reference) in references { if let reference { counts.remove(table, reference) } }
            if let job = victim.number(2), victim.number(9) == id { orphaned.append(job) }
        }
        try counts.write(db)
        try findLatest()
        let memory = "UPDATE memory SET runs = runs - ?, forgotten_until = max(ifnull(forgotten_until, ?2), ?2)"
        try db.execute(sql: memory, arguments: [victims.count, until])
        return victims.count
    }

    private mutating func deleteLabels(of id: Int64, _ victim: Row) throws {
        guard let kind = victim.number(3), let submitted = victim.number(7),
            let labels = victim.text(8).flatMap(JSONColumn.labels(from:))
        else { return }
        let find = try db.cachedStatement(sql: "SELECT id FROM label WHERE key = ? AND value = ?")
        let delete = try db.cachedStatement(
            sql: "DELETE FROM run_label WHERE label = ? AND kind = ? AND submitted_at = ? AND run = ?")
        for label in LabelKey.all(of: labels) {
            guard let label = try Int64.fetchOne(find, arguments: [label.key, label.value]) else { continue }
            try delete.execute(arguments: [label, kind, submitted, id])
            counts.remove(.label, label)
        }
    }

    /// An older drop that ended later is left: then it is the latest. Runs go in the order of their end, so few are left.
    private func findLatest() throws {
        for job in orphaned {
            let newest = "SELECT id, claim FROM run WHERE job = ? ORDER BY claim DESC, id DESC LIMIT 1"
            guard let row = try Row.fetchOne(db, sql: newest, arguments: [job]) else { continue }
            try db.execute(
                sql: "UPDATE job SET latest = ?, claim = ? WHERE id = ?",
                arguments: [row[0] as DatabaseValue, row[1] as DatabaseValue, job])
        }
    }
}
