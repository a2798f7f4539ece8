import Foundation
import GRDB
import History
import Runs
import Testing

@Suite struct HistoryReaderTests {
    private static let start: Int64 = 1_790_000_000_000

    /// Six runs, a second apart.
    private func filled() throws -> (TemporaryHistory, HistoryWriter) {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        func record(_ number: Int64, _ name: String, _ queue: String, _ state: RunState, _ owner: String) throws
            -> HistoryRecord
        {
            try Sample.minimal(
                number, name: name, queue: queue, state: state, owner: owner, at: Self.start + number * 1000)
        }
        try writer.recordBlocking([
            try record(1, "a", "default", .succeeded, "ann"), try record(2, "b", "default", .failed, "bob"),
            try record(3, "a", "nightly", .timedOut, "ann"), try record(6, "a", "default", .failed, "ann"),
            try record(4, "b", "nightly", .succeeded, "bob"), try record(5, "a", "default", .succeeded, "bob"),
        ])
        return (place, writer)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let expected: [Int64]
        let filter: @Sendable (inout HistoryFilter) -> Void

        init(_ name: String, _ expected: [Int64], _ filter: @escaping @Sendable (inout HistoryFilter) -> Void) {
            testDescription = name
            self.expected = expected
            self.filter = filter
        }
    }

    static let cases = [
        Case("everything", [6, 5, 4, 3, 2, 1]) { _ in },
        Case("a queue", [4, 3]) { $0.queues = [QueueName("nightly")].compactMap(\.self) },
        Case("a state", [6, 2]) { $0.states = [.failed] },
        Case("states", [6, 3, 2]) { $0.states = [.failed, .timedOut] },
        Case("a name", [6, 5, 3, 1]) { $0.names = ["a"] },
        Case("an owner", [5, 4, 2]) { $0.owners = ["bob"] },
        Case("an owner who is not there", []) { $0.owners = ["bob' OR 1=1 --"] },
        Case("since", [6, 5]) { $0.since = Timestamp(milliseconds: start + 5000) },
        Case("until", [2, 1]) { $0.until = Timestamp(milliseconds: start + 3000) },
        Case("a limit", [6, 5]) { $0.limit = 2 },
        Case("a limit of nothing", []) { $0.limit = 0 },
        Case("a negative limit", []) { $0.limit = -1 },
        Case("all at once", [1]) {
            $0.queues = [QueueName("default")].compactMap(\.self)
            $0.states = [.succeeded]
            $0.names = ["a"]
            $0.owners = ["ann"]
            $0.since = Timestamp(milliseconds: .min)
            $0.until = Timestamp(milliseconds: .max)
            $0.limit = .max
        },
    ]

    @Test(arguments: cases) func filters(given: Case) throws {
        let (place, writer) = try filled()
        var filter = HistoryFilter()
        given.filter(&filter)
        #expect(try HistoryReader(path: place.path).records(filter).map(\.claim) == given.expected)
        try writer.close()
    }

    @Test func goesThroughMoreThanAPageOfOneMillisecond() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking(try (1...1201).map { try Sample.minimal($0) })
        let reader = try HistoryReader(path: place.path)
        #expect(try reader.records().map(\.claim) == (1...1201).reversed())
        var filter = HistoryFilter()
        filter.limit = 1000
        #expect(try reader.records(filter).count == 1000)
        var seen = 0
        // What is recorded while somebody pages does not shift the pages.
        try reader.forEach { _ in
            if seen == 100 { try writer.recordBlocking([try Sample.minimal(5000)]) }
            seen += 1
        }
        #expect(seen == 1201)
    }

    @Test func beginnings() throws {
        let (place, writer) = try filled()
        let reader = try HistoryReader(path: place.path)
        let ids = (1...6).map { Sample.id($0, at: Self.start + $0 * 1000) }.sorted()
        #expect(try reader.run(beginningWith: ids[0].description) == [ids[0]])
        #expect(try reader.run(beginningWith: "") == ids)
        #expect(try reader.run(beginningWith: String(ids[0].description.prefix(4))) == ids)
        #expect(try reader.run(beginningWith: String(ids[0].description.prefix(4)), limit: 2) == Array(ids.prefix(2)))
        #expect(try reader.run(beginningWith: "7ZZ").isEmpty)
        #expect(try reader.run(beginningWith: "%_'\u{0}").isEmpty)
        try writer.close()
    }

    @Test func latest() throws {
        let (place, writer) = try filled()
        let reader = try HistoryReader(path: place.path)
        let name = try #require(BundleName("b"))
        #expect(try reader.latest(name: name)?.claim == 4)
        #expect(try reader.latest(name: name, queue: QueueName("default"))?.claim == 2)
        #expect(try reader.latest(name: try #require(BundleName("c"))) == nil)
        try writer.close()
    }

    @Test func aLongReaderDoesNotHoldUpTheWriter() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path, busyTimeout: 0)
        try await writer.record([try Sample.minimal(1)])
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: place.path, configuration: configuration)
        try other.inDatabase { try $0.execute(sql: "BEGIN; SELECT count(*) FROM run") }
        // More than SQLite keeps in the WAL before it tries a checkpoint.
        for batch in 0..<8 {
            try await writer.record(try (0..<250).map { try Sample.full(Int64(10 + batch * 250 + $0)) })
        }
        #expect(try HistoryReader(path: place.path).records().count == 2001)
        try other.inDatabase { db in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM run") == 1, "its snapshot stays")
            try db.execute(sql: "ROLLBACK")
        }
    }

    @Test func cannotWrite() throws {
        let (place, writer) = try filled()
        try writer.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: place.path))
        #expect(try HistoryReader(path: place.path).records().count == 6)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == before)
        #expect(FileManager.default.fileExists(atPath: place.path + "-wal"))
    }
}
