import Foundation
import GRDB
import History
import Runs
import Testing

@Suite struct HistoryStatisticsTests {
    static let day: Int64 = 86_400_000
    private static let start = 20_000 * day

    private func run(
        _ number: Int64, _ name: String, _ queue: String, _ state: RunState, _ owner: String, ended: Int64, wall: Int64?
    ) throws -> HistoryRecord {
        var record = try Sample.minimal(number, name: name, queue: queue, state: state, owner: owner, at: Self.start)
        record.status.finishedAt = Timestamp(milliseconds: ended)
        record.status.wallMilliseconds = wall
        record.status.cpuMilliseconds = wall.map { $0 / 2 }
        record.status.waitMilliseconds = 3
        return record
    }

    private func rows(_ place: TemporaryHistory, _ sql: String) throws -> [String] {
        try DatabaseQueue(path: place.path).read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { "\($0.storage.value ?? "-")" }.joined(separator: " ")
            }
        }
    }

    @Test func sumsAreKeptWithTheRuns() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let first = try run(1, "a", "default", .succeeded, "ann", ended: Self.start, wall: 100)
        let batch = [
            first, first, try run(2, "b", "default", .succeeded, "ann", ended: Self.start + Self.day - 1, wall: 50),
            try run(3, "a", "nightly", .failed, "bob", ended: Self.start + Self.day, wall: nil),
        ]
        try await writer.record(batch)
        // Recovery adds runs once more.
        try await writer.record(batch)
        try await writer.record([try run(4, "a", "default", .succeeded, "ann", ended: Self.start, wall: -5)])
        #expect(
            try rows(place, "SELECT * FROM statistics") == [
                "20000 default ann a succeeded 2 100 50 6", "20000 default ann b succeeded 1 50 25 3",
                "20001 nightly bob a failed 1 0 0 3",
            ])
        #expect(
            try rows(place, "SELECT * FROM statistics_by_queue_owner") == [
                "20000 default ann succeeded 3 150 75 9", "20001 nightly bob failed 1 0 0 3",
            ])
        #expect(
            try rows(place, "SELECT * FROM statistics_by_day") == [
                "20000 succeeded 3 150 75 9", "20001 failed 1 0 0 3",
            ])
        #expect(
            try rows(place, "SELECT * FROM daily_statistics LIMIT 1") == [
                "2024-10-04 default ann a succeeded 2 0.1 0.05 0.006"
            ])
    }

    @Test func aTransactionThatFailsCountsNothing() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await DatabaseQueue(path: place.path).write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER third BEFORE INSERT ON run WHEN NEW.claim = 3
                    BEGIN SELECT RAISE(ABORT, 'not the third'); END
                    """)
        }
        let batch = try (1...3).map { try run($0, "a", "default", .succeeded, "ann", ended: Self.start, wall: 1) }
        await #expect(throws: HistoryError.self) { try await writer.record(batch) }
        #expect(try rows(place, "SELECT runs FROM statistics").isEmpty)
        #expect(try await writer.rowCount() == 0)
        try await writer.record(Array(batch.prefix(2)))
        #expect(try rows(place, "SELECT runs FROM statistics") == ["2"])
        #expect(try await writer.rowCount() == 2)
    }

    @Test func insaneClocksStayNumbers() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        for number in 1...20 as ClosedRange<Int64> {
            try await writer.record([
                try run(number, "a", "default", .failed, "ann", ended: .max, wall: .max),
                try run(-number, "a", "default", .failed, "ann", ended: .min, wall: .min),
            ])
        }
        #expect(try rows(place, "SELECT DISTINCT typeof(wall_ms), typeof(day) FROM statistics") == ["integer integer"])
    }

    @Test func oldDaysAreForgotten() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record(
            try (0..<6).map { number in
                try run(
                    number, "n\(number)", "default", .succeeded, "ann", ended: Self.start + number * Self.day, wall: 1)
            })
        let before = Timestamp(milliseconds: Self.start + 4 * Self.day + 5)
        var deleted = [Int]()
        while deleted.last != 0 { deleted.append(try await writer.forgetStatistics(before: before, limit: 5)) }
        #expect(deleted == [5, 5, 2, 0])
        for table in ["statistics", "statistics_by_queue_owner", "statistics_by_day"] {
            #expect(try rows(place, "SELECT day FROM \(table)") == ["20004", "20005"])
        }
        #expect(try await writer.rowCount() == 6)
    }

    @Test func auditIsKeptAndForgotten() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let entries = [
            AuditEntry(
                at: Timestamp(milliseconds: 10), uid: 4_000_000_000, user: "ann", action: .cancel,
                queue: QueueName("default"),
                run: Sample.id(1), detail: "a\u{0}b", outcome: "done"),
            AuditEntry(at: Timestamp(milliseconds: 20), action: .sweep, outcome: "refused"),
        ]
        try await writer.audit([])
        try await writer.audit(entries)
        #expect(
            try rows(place, "SELECT at, uid, user, action, queue, run, outcome FROM audit") == [
                "10 4000000000 ann cancel default \(Sample.id(1)) done", "20 - - sweep - - refused",
            ])
        #expect(try await writer.forgetAudit(before: Timestamp(milliseconds: 20), limit: 9) == 1)
        #expect(try await writer.forgetAudit(before: Timestamp(milliseconds: 20), limit: 9) == 0)
        #expect(try rows(place, "SELECT action FROM audit") == ["sweep"])
    }
}
