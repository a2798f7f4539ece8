import Foundation
import History
import Runs
import Testing

/// Every way to an answer gives what a look at each run gives.
@Suite struct HistorySearchTests {
    private static let start: Int64 = 1_790_000_000_000

    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let names = ["report", "report-2", "Report", "a", "clean.up", "re_port-10"]
    private static let reasons = [nil, nil, "exit code 3", "No space left on 100%_disk", "Zeitüberschreitung!"]

    private static func records(_ count: Int64) throws -> [HistoryRecord] {
        var random = Random(state: 7)
        return try (1...count).map { number in
            let states: [RunState] = [.succeeded, .succeeded, .failed, .timedOut, .killed]
            var record = try Sample.minimal(
                number, name: names.randomElement(using: &random) ?? "", queue: number % 3 == 0 ? "nightly" : "default",
                state: states.randomElement(using: &random) ?? .failed, owner: number % 7 == 0 ? "bob" : "ann",
                // Many of one millisecond, and not in the order in which they are added.
                at: start + .random(in: 0..<200, using: &random))
            record.status.runtime = number % 2 == 0 ? "python" : nil
            record.status.exitCode = record.status.state == .failed ? .random(in: 1...4, using: &random) : nil
            record.status.wallMilliseconds =
                number % 11 == 0 ? nil : [5, 999, 1000, 1001, 70_000].randomElement(using: &random)
            record.status.finishedAt = number % 5 == 0 ? nil : Timestamp(milliseconds: start + number % 90)
            record.status.reason = reasons.randomElement(using: &random) ?? nil
            record.status.labels =
                number % 4 == 0 ? [Label(key: "team", value: "red"), Label(key: "n", value: "\(number % 6)")] : []
            return record
        }
    }

    /// What each filter asks, on its own.
    private static let restrictions: [@Sendable (inout HistoryFilter) -> Void] = [
        { $0.queues = [QueueName("nightly")].compactMap(\.self) },
        { $0.states = [.failed, .killed] },
        { $0.states = [.cancelled] },
        { $0.names = ["report"] },
        { $0.names = ["rep*", "a"] },
        { $0.names = ["*port-*"] },
        { $0.names = ["*?-1?"] },
        { $0.names = ["nothing*"] },
        { $0.owners = ["bob", "carl"] },
        { $0.labels = [Label(key: "team", value: "red")] },
        { $0.labels = [Label(key: "team", value: "red"), Label(key: "n", value: "2")] },
        { $0.labels = [Label(key: "team", value: "blue")] },
        { $0.runtimes = ["python"] },
        { $0.since = Timestamp(milliseconds: start + 50) },
        {
            $0.since = Timestamp(milliseconds: start + 20)
            $0.until = Timestamp(milliseconds: start + 120)
        },
        { $0.longerThan = 1000 },
        { $0.longerThan = 1001 },
        { $0.shorterThan = 999 },
        { $0.exitCodes = [2...3] },
        { $0.exitCodes = [0...0, 4...4] },
        { $0.reason = "NO space" },
        { $0.reason = "0%_d" },
        { $0.reason = "of" },
        { $0.reason = "ü" },
    ]

    private static func matches(_ record: HistoryRecord, _ filter: HistoryFilter) -> Bool {
        let status = record.status
        func glob(_ pattern: Substring, _ text: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return glob(pattern.dropFirst(), text) || !text.isEmpty && glob(pattern, text.dropFirst())
            }
            return !text.isEmpty && (first == "?" || first == text.first) && glob(pattern.dropFirst(), text.dropFirst())
        }
        func lower(_ text: String) -> String {
            String(text.unicodeScalars.map { $0.isASCII ? Character(String($0).lowercased()) : Character($0) })
        }
        return (filter.queues.isEmpty || filter.queues.contains(status.queue))
            && (filter.states.isEmpty || filter.states.contains(status.state))
            && (filter.names.isEmpty || filter.names.contains { glob($0[...], status.name.description[...]) })
            && (filter.owners.isEmpty || filter.owners.contains(status.owner))
            && filter.labels.allSatisfy(status.labels.contains)
            && (filter.runtimes.isEmpty || filter.runtimes.contains(status.runtime ?? ""))
            && status.submittedAt >= filter.since ?? Timestamp(milliseconds: .min)
            && status.submittedAt < filter.until ?? Timestamp(milliseconds: .max)
            && (filter.longerThan.map { (status.wallMilliseconds ?? -1) >= $0 } ?? true)
            && (filter.shorterThan.map { (status.wallMilliseconds ?? .max) < $0 } ?? true)
            && (filter.exitCodes.isEmpty || filter.exitCodes.contains { $0.contains(status.exitCode ?? -1) })
            && (filter.reason.map { lower(status.reason ?? "").contains(lower($0)) } ?? true)
    }

    /// 0: nothing counts as few, so everything is merged from streams. 40: dense ones are found by going back in time.
    @Test(arguments: [0, 40, 20_000]) func everyWayGivesTheSame(few: Int64) throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let records = try Self.records(600)
        try writer.recordBlocking(records)
        let reader = try HistoryReader(path: place.path, few: few)
        let ids = Dictionary(uniqueKeysWithValues: records.enumerated().map { ($1.claim, $0) })
        var compared = 0
        for first in Self.restrictions.indices {
            for second in Self.restrictions.indices where second >= first {
                for isAscending in [false, true] {
                    var filter = HistoryFilter()
                    Self.restrictions[first](&filter)
                    Self.restrictions[second](&filter)
                    filter.sort = HistorySort(.submitted, isAscending: isAscending)
                    filter.limit = (first + second) % 3 == 0 ? 7 : nil
                    var expected = records.filter { Self.matches($0, filter) }.map(\.claim).sorted { left, right in
                        let (a, b) = (ids[left] ?? 0, ids[right] ?? 0)
                        let (x, y) = (records[a].status.submittedAt, records[b].status.submittedAt)
                        return isAscending ? (x, a) < (y, b) : (x, a) > (y, b)
                    }
                    if let limit = filter.limit { expected = Array(expected.prefix(limit)) }
                    let found = try reader.records(filter).map(\.claim)
                    #expect(found == expected, "\(filter)")
                    compared += expected.count
                }
            }
        }
        #expect(compared > 5000)
        try writer.close()
    }

    @Test(arguments: [0, 20_000]) func pagesFollowOneAnother(few: Int64) throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking(try Self.records(300))
        let reader = try HistoryReader(path: place.path, few: few)
        for key in HistorySort.Key.allCases {
            for isAscending in [true, false] {
                var filter = HistoryFilter()
                filter.states = [.succeeded, .failed]
                filter.sort = HistorySort(key, isAscending: isAscending)
                let whole = try reader.records(filter).map(\.status.run)
                var pages: [RunID] = []
                filter.limit = 37
                while true {
                    filter.after = pages.last
                    let page = try reader.records(filter).map(\.status.run)
                    if page.isEmpty { break }
                    pages += page
                }
                #expect(pages == whole && Set(pages).count > 100, "\(key) \(isAscending)")
            }
        }
        try writer.close()
    }

    @Test func ordersAreThoseOfTheColumns() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking(try Self.records(200))
        let reader = try HistoryReader(path: place.path)
        var filter = HistoryFilter()
        filter.sort = HistorySort(.wall)
        let walls = try reader.records(filter).map { $0.status.wallMilliseconds ?? -1 }
        #expect(walls == walls.sorted(by: >))
        filter.sort = HistorySort(.name)
        let names = try reader.records(filter).map(\.status.name)
        #expect(names == names.sorted())
        filter.sort = HistorySort(.finished)
        let ends = try reader.records(filter).map { $0.status.finishedAt ?? $0.status.submittedAt }
        #expect(ends == ends.sorted(by: >))
        try writer.close()
    }

    @Test func goingOnBehindARunThatIsNotThereIsSaid() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let reader = try HistoryReader(path: place.path)
        var filter = HistoryFilter()
        filter.after = Sample.id(1)
        #expect { try reader.records(filter) } throws: { ($0 as? HistoryError)?.code == .unknownRun }
        try writer.close()
    }

    @Test func repeatsAreFound() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        var second = try Sample.minimal(2)
        second.status.parentRun = Sample.id(1)
        try await writer.record([try Sample.minimal(1), second, try Sample.minimal(3)])
        #expect(try HistoryReader(path: place.path).repeats(of: Sample.id(1)) == [Sample.id(2)])
    }

    /// The counters that choose the way stay right while runs are forgotten.
    @Test func answersStayRightWhileRunsAreForgotten() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record(try Self.records(300))
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 100, limit: 1000) == 200)
        let all = try HistoryReader(path: place.path).records()
        #expect(all.count == 100)
        for few in [0, 20_000] as [Int64] {
            let reader = try HistoryReader(path: place.path, few: few)
            for restriction in Self.restrictions {
                var filter = HistoryFilter()
                restriction(&filter)
                let expected = all.filter { Self.matches($0, filter) }
                #expect(try reader.records(filter) == expected, "\(filter)")
            }
        }
    }
}
