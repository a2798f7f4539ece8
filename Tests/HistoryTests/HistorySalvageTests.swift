import Foundation
import GRDB
import History
import Runs
import Testing

/// What can be read of a damaged file comes out of it; the rest is counted, and nothing is made up.
@Suite struct HistorySalvageTests {
    private static func all(_ salvage: HistorySalvage) -> [HistoryRecord] {
        var records: [HistoryRecord] = []
        while let more = salvage.next() { records += more }
        return records
    }

    private static func made(_ count: Int64) throws -> TemporaryHistory {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking(try (1...count).map { try Sample.full($0) })
        try writer.close()
        return place
    }

    @Test func aWholeFileGivesEverything() throws {
        let place = try Self.made(1200)
        let salvage = try HistorySalvage(path: place.path)
        let expected = try (1...1200).map { try Sample.full($0) }
        #expect(Self.all(salvage) == expected)
        #expect(salvage.lost == 0 && salvage.isComplete)
        #expect(salvage.memory?.forgottenUntil == nil)
    }

    /// The only attempt of a run that was cancelled before the next one has the run's own number.
    @Test func attemptsComeAlong() throws {
        let place = try TemporaryHistory()
        var expected: [HistoryRecord] = []
        for (number, attempts) in [(Int64(1), 0), (2, 1), (3, 2)] {
            var record = try Sample.minimal(number)
            record.status.attempt = max(1, attempts)
            for attempt in 0..<attempts {
                var status = record.status
                status.attempt = attempt + 1
                status.state = .failed
                record.earlier.append(status)
            }
            expected.append(record)
        }
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking(expected)
        try writer.close()
        let found = Self.all(try HistorySalvage(path: place.path))
        #expect(found.map { $0.earlier.map(\.attempt) } == [[], [1], [1, 2]])
    }

    /// Each page in turn: whatever comes out is what was put in, and where something is missing the file does not count as whole.
    @Test func eachDamagedPage() throws {
        let place = try Self.made(60)
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.path))
        let expected = try (1...60).map { try Sample.full($0) }
        var most = 0
        for offset in stride(from: 4096, to: whole.count, by: 4096) {
            let copy = try TemporaryHistory()
            var bytes = whole
            bytes.replaceSubrange(offset..<offset + 4096, with: repeatElement(0xA5, count: 4096))
            try bytes.write(to: URL(fileURLWithPath: copy.path))
            guard let salvage = try? HistorySalvage(path: copy.path) else { continue }
            let found = Self.all(salvage)
            for record in found {
                // A manifest, a reason or an attempt may be on the lost page; the run itself is one of those that were.
                #expect(expected.contains { $0.status.run == record.status.run }, "page \(offset / 4096)")
            }
            if found.count < 60 { #expect(!salvage.isComplete, "page \(offset / 4096)") }
            most = max(most, found.count)
        }
        #expect(most == 60)
    }

    @Test func sumsAreThoseThatCountedMore() async throws {
        let old = try Self.made(20)
        try await DatabaseQueue(path: old.path).write { db in
            // Of runs that were forgotten since.
            try db.execute(sql: "UPDATE statistics_by_day SET runs = 50, wall_ms = 9000")
            try db.execute(
                sql: "INSERT INTO audit (at, action, outcome) VALUES (1, 'sweep', 'done'), (2, 'sweep', 'done')")
        }
        let new = try TemporaryHistory()
        let writer = try HistoryWriter(path: new.path)
        try await writer.record(try (1...25).map { try Sample.full($0) })
        for _ in 1...2 { #expect(try await writer.takeSums(from: old.path) == []) }
        let (days, names, audit) = try await DatabaseQueue(path: new.path).read { db in
            (
                try Int.fetchOne(db, sql: "SELECT sum(runs) FROM statistics_by_day"),
                try Int.fetchOne(db, sql: "SELECT sum(runs) FROM statistics"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM audit")
            )
        }
        #expect(days == 50 && names == 25 && audit == 2)
    }

    @Test func setAsideAndBegunAnew() async throws {
        let place = try Self.made(3)
        let writer = HistoryWriter(unopened: place.path)
        try await writer.open()
        try await writer.setAside(as: "old")
        #expect(try await writer.rowCount() == 0)
        try await writer.raiseClaim(to: 77)
        #expect(try await writer.lastClaim() == 77)
        let old = place.directory.appending(path: "old").path
        #expect(try HistoryReader(path: old).records().count == 3)
        #expect(try await writer.isWhole())
    }

    @Test func aMissingWALIsNoticed() throws {
        let place = try Self.made(3)
        #expect(!(try HistoryWriter(path: place.path)).mayLackRuns)
        try FileManager.default.removeItem(atPath: place.path + "-wal")
        #expect(try HistoryWriter(path: place.path).mayLackRuns)
    }
}
