import Foundation
import GRDB
import History
import Runs
import Testing

@Suite struct HistoryWriterTests {
    @Test func settingsAreWhatDurabilityNeeds() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        #expect(try writer.pragma("journal_mode") == "wal")
        #expect(try writer.pragma("synchronous") == "2")
        #expect(try writer.pragma("auto_vacuum") == "2")
        #expect(try writer.pragma("user_version") == "4")
        #expect(try writer.pragma("busy_timeout") == "2000")
    }

    @Test func settingsHoldAfterOpeningAgain() throws {
        let place = try TemporaryHistory()
        try HistoryWriter(path: place.path).close()
        let writer = try HistoryWriter(path: place.path)
        #expect(try writer.pragma("synchronous") == "2")
        #expect(try writer.pragma("auto_vacuum") == "2")
    }

    @Test(arguments: ["", "-wal", "-shm"]) func filesStayAndAreForTheGroup(suffix: String) throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking([try Sample.full()])
        try writer.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: place.path + suffix)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
    }

    @Test(arguments: [true, false]) func everyKeyComesBack(full: Bool) async throws {
        let place = try TemporaryHistory()
        let record = full ? try Sample.full() : try Sample.minimal()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([record])
        let found = try #require(try HistoryReader(path: place.path).record(record.status.run))
        #expect(found == record)
        #expect(found.status.json(pretty: true) == record.status.json(pretty: true))
        let sent = try object(record.status.json(pretty: true))
        let got = try object(found.status.json(pretty: true))
        #expect(sent.keys.sorted() == got.keys.sorted())
        for key in sent.keys { #expect(try canonical(sent[key]) == canonical(got[key]), "\(key)") }
        if full { #expect(Set(sent.keys) == Set(HistoryColumn.ofStatus.map(\.rawValue)), "the sample has every key") }
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func canonical(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: [try #require(value)], options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
    }

    @Test func composedAndDecomposedStayApart() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let composed = try Sample.minimal(1, owner: "jos\u{e9}")
        let decomposed = try Sample.minimal(2, owner: "jose\u{301}")
        try await writer.record([composed, decomposed])
        let reader = try HistoryReader(path: place.path)
        var filter = HistoryFilter()
        filter.owners = ["jose\u{301}"]
        let found = try reader.records(filter)
        #expect(found.map(\.status.run) == [decomposed.status.run])
        #expect(found.first.map { Array($0.status.owner.utf8) } == Array("jose\u{301}".utf8))
    }

    @Test func theSameRunAgainChangesNothing() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let record = try Sample.full()
        var other = record
        other.status.state = .failed
        try await writer.record([record, record])
        try await writer.record([other, try Sample.minimal(2)])
        let reader = try HistoryReader(path: place.path)
        #expect(try reader.records().count == 2)
        #expect(try reader.record(record.status.run) == record)
    }

    @Test func knowsWhatItWasTold() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let first = try Sample.full(1)
        let second = try Sample.minimal(2)
        try await writer.record([first, second])
        let known = try #require(try await writer.knows(first.status.run))
        #expect(known.bundleSHA256 == first.status.bundleSHA256)
        #expect(known.state == .invalidOutput)
        #expect(known.owner == "ann")
        #expect(known.submittedAt == first.status.submittedAt)
        #expect(try await writer.knows(Sample.id(3)) == nil)
        let both = try await writer.knows([first.status.run, second.status.run, Sample.id(3)])
        #expect(Set(both.keys) == [first.status.run, second.status.run])
        #expect(try writer.knowsBlocking(second.status.run)?.bundleSHA256 == nil)
        #expect(try writer.knowsBlocking([second.status.run]).count == 1)
    }

    @Test func theNewestIsTheOneClaimedLast() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        // The clock was set back between the two.
        try await writer.record([
            try Sample.minimal(5, at: 1_790_000_000_000), try Sample.minimal(4, at: 1_790_000_900_000),
            try Sample.minimal(9, queue: "other"), try Sample.minimal(8, name: "else"),
        ])
        let queue = try #require(QueueName("default"))
        let name = try #require(BundleName("report"))
        #expect(try await writer.newestRun(queue: queue, name: name)?.claim == 5)
        let absent = try #require(BundleName("absent"))
        #expect(try writer.newestRunBlocking(queue: queue, name: absent) == nil)
        #expect(try writer.lastClaimBlocking() == 9)
    }

    @Test func remembersSinceItWasMade() async throws {
        let place = try TemporaryHistory()
        let before = Timestamp.now()
        let writer = try HistoryWriter(path: place.path)
        let since = try await writer.oldestRemembered()
        #expect(since >= before && since <= Timestamp.now())
        try await writer.record([try Sample.minimal()])
        try writer.close()
        #expect(try HistoryWriter(path: place.path).oldestRememberedBlocking() == since)
        #expect(try HistoryWriter(path: place.path).lastClaimBlocking() == 1)
    }

    @Test func aBatchIsWholeOrNotAtAll() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let other = try DatabaseQueue(path: place.path)
        try await other.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER second BEFORE INSERT ON run WHEN NEW.claim = 2
                    BEGIN SELECT RAISE(ABORT, 'not the second'); END
                    """)
        }
        let batch = [try Sample.minimal(1), try Sample.minimal(2), try Sample.minimal(3)]
        await #expect(throws: HistoryError.self) { try await writer.record(batch) }
        #expect(try HistoryReader(path: place.path).records().isEmpty)
        try await other.write { try $0.execute(sql: "DROP TRIGGER second") }
        try await writer.record(batch)
        #expect(try HistoryReader(path: place.path).records().count == 3)
    }

    @Test func aFullDiskIsSaidAndGotOver() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let pages = try #require(try writer.pragma("page_count").flatMap { Int($0) })
        _ = try writer.pragma("max_page_count = \(pages + 2)")
        let batch = try (0..<100).map { try Sample.full($0) }
        await #expect { try await writer.record(batch) } throws: { ($0 as? HistoryError)?.code == .full }
        #expect(try HistoryReader(path: place.path).records().isEmpty)
        _ = try writer.pragma("max_page_count = 100000")
        try await writer.record(batch)
        #expect(try HistoryReader(path: place.path).records().count == 100)
    }

    @Test func aClosedHistorySaysSo() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([])
        try writer.close()
        await #expect { try await writer.record([try Sample.minimal()]) } throws: {
            ($0 as? HistoryError)?.code == .closed
        }
        #expect(try HistoryReader(path: place.path).records().isEmpty)
    }

    @Test func aCancelledTaskStillWrites() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let record = try Sample.minimal()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await writer.record([record])
        }
        try await task.value
        #expect(try await writer.knows(record.status.run) != nil)
    }

    @Test func manyAtOnce() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let reader = try HistoryReader(path: place.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await writer.record((0..<10).map { try Sample.minimal(Int64(number * 10 + $0)) })
                    let seen = try reader.records().count
                    #expect(seen % 10 == 0 && seen >= 10, "whole batches only")
                    #expect(try await writer.knows(Sample.id(Int64(number * 10 + 9))) != nil)
                }
            }
            try await group.waitForAll()
        }
        #expect(try reader.records().count == 400)
    }
}
