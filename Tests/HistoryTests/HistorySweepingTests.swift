import Foundation
import GRDB
import History
import Runs
import Testing

@Suite struct HistorySweepingTests {
    private static let start: Int64 = 1_790_000_000_000

    /// Runs that end one second apart, in the order of their numbers.
    private func filled(_ count: Int64, _ change: (inout HistoryRecord) -> Void = { _ in }) async throws
        -> (TemporaryHistory, HistoryWriter)
    {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let records = try (1...count).map { number in
            var record = try Sample.full(number, at: Self.start + number * 1000)
            record.status.finishedAt = Timestamp(milliseconds: Self.start + number * 1000)
            change(&record)
            return record
        }
        try await writer.record(records)
        return (place, writer)
    }

    private func claims(_ place: TemporaryHistory) throws -> [Int64] {
        try HistoryReader(path: place.path).records().map(\.claim).sorted()
    }

    private func ended(_ number: Int64) -> Timestamp { Timestamp(milliseconds: Self.start + number * 1000) }

    @Test func factsOfResults() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let full = try Sample.full(1)
        let minimal = try Sample.minimal(2)
        try await writer.record([full, minimal])
        let facts = try await writer.sweepFacts([full.status.run, minimal.status.run, Sample.id(3)])
        #expect(
            facts == [
                full.status.run: SweepFacts(
                    queue: full.status.queue, name: full.status.name,
                    state: .invalidOutput, finishedAt: try #require(full.status.finishedAt), resultBytes: 8192,
                    bundleBytes: 0),
                minimal.status.run: SweepFacts(
                    queue: minimal.status.queue, name: minimal.status.name,
                    state: .succeeded, finishedAt: minimal.status.submittedAt, resultBytes: nil, bundleBytes: nil),
            ])
    }

    @Test(
        arguments: [
            (4, nil, [4, 5, 6]), (nil, 2, [5, 6]), (3, 2, [5, 6]), (5, 4, [5, 6]), (nil, 0, []),
            (nil, 99, [1, 2, 3, 4, 5, 6]),
            (1, nil, [1, 2, 3, 4, 5, 6]), (nil, nil, [1, 2, 3, 4, 5, 6]), (nil, -1, []),
        ] as [(Int64?, Int64?, [Int64])])
    func whichAreForgotten(before: Int64?, keep: Int64?, left: [Int64]) async throws {
        let (place, writer) = try await filled(6)
        let moment = before.map(ended)
        let due = try await writer.forgettable(finishedBefore: moment, keepingNewest: keep)
        #expect(due == 6 - Int64(left.count))
        var deleted = 0
        while true {
            let count = try await writer.forgetRuns(finishedBefore: moment, keepingNewest: keep, limit: 2)
            #expect(count <= 2)
            if count == 0 { break }
            deleted += count
        }
        #expect(deleted == due)
        #expect(try claims(place) == left)
        #expect(try await writer.rowCount() == Int64(left.count))
    }

    @Test func theOnesThatEndedFirstGoFirst() async throws {
        // Submitted and added the other way round.
        let (place, writer) = try await filled(5) {
            $0.status.finishedAt = Timestamp(milliseconds: Self.start + 100_000 - $0.claim * 1000)
        }
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 0, limit: 2) == 2)
        #expect(try claims(place) == [1, 2, 3])
    }

    /// Ids are chosen by who drops: their time counts, not when they were submitted.
    @Test func itRemembersHowFarItForgot() async throws {
        let (place, writer) = try await filled(3) {
            if $0.claim == 1 { $0.status.run = Sample.id(1, at: Self.start + 500_000) }
        }
        let begun = try await writer.memory()
        #expect(begun.forgottenUntil == nil && begun.oldest == begun.since)
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 2, limit: 10) == 1)
        #expect(try await writer.memory().forgottenUntil == Timestamp(milliseconds: Self.start + 500_000))
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 1, limit: 10) == 1)
        #expect(try await writer.memory().forgottenUntil == Timestamp(milliseconds: Self.start + 500_000))
        #expect(try await writer.oldestRemembered() == begun.since, "the later of the two")
        let future = Timestamp.now().milliseconds + 1_000_000
        var record = try Sample.minimal(9, at: future)
        record.status.finishedAt = Timestamp(milliseconds: Self.start)
        try await writer.record([record])
        #expect(try await writer.forgetRuns(finishedBefore: ended(1), keepingNewest: nil, limit: 10) == 1)
        #expect(try await writer.oldestRemembered() == Timestamp(milliseconds: future))
        #expect(try claims(place) == [3])
    }

    @Test func statisticsOutliveTheirRuns() async throws {
        let (place, writer) = try await filled(4)
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 0, limit: 10) == 4)
        let runs = try await DatabaseQueue(path: place.path).read {
            try Int64.fetchOne($0, sql: "SELECT sum(runs) FROM statistics")
        }
        #expect(runs == 4)
        #expect(try writer.lastClaimBlocking() == 4, "claims go on behind the last")
    }

    /// What only forgotten runs had is gone too, in every table, and in the full-text ones.
    @Test func nothingIsLeftBehind() async throws {
        let (place, writer) = try await filled(6) {
            $0.status.labels = [Label(key: "n", value: "\($0.claim)"), Label(key: "a", value: "\u{0}")]
            $0.status.reason = "because of \($0.claim)"
            $0.manifest = "{\"n\": \($0.claim)}"
        }
        let database = try DatabaseQueue(path: place.path)
        func counts() async throws -> [Int] {
            try await database.read { db in
                try ["run", "job", "kind", "reason", "text", "label", "run_label"].map {
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0
                }
            }
        }
        #expect(try await counts() == [6, 1, 1, 6, 7, 7, 12])
        #expect(try await writer.forgetRuns(finishedBefore: ended(6), keepingNewest: nil, limit: 10) == 5)
        #expect(try await counts() == [1, 1, 1, 1, 2, 2, 2])
        let found = try await database.read { db in
            try Int.fetchAll(db, sql: "SELECT rowid FROM reason_body WHERE body LIKE '%cause of%'")
        }
        #expect(found.count == 1)
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 0, limit: 10) == 1)
        #expect(try await counts() == [0, 0, 0, 0, 0, 0, 0])
        let names = try await database.read { db in
            try Int.fetchAll(db, sql: "SELECT rowid FROM job_name WHERE name GLOB '*por*'")
        }
        #expect(names.isEmpty)
        try await writer.record([try Sample.full(7)])
        #expect(try claims(place) == [7])
    }

    @Test func theLatestOfANameIsKept() async throws {
        // The newest drop ended first.
        let (place, writer) = try await filled(3) {
            $0.status.finishedAt = Timestamp(milliseconds: Self.start - $0.claim * 1000)
        }
        let queue = try #require(QueueName("default"))
        let name = try #require(BundleName("report"))
        #expect(try await writer.newestRun(queue: queue, name: name)?.claim == 3)
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 2, limit: 10) == 1)
        #expect(try await writer.newestRun(queue: queue, name: name)?.claim == 2)
        #expect(try HistoryReader(path: place.path).latest(name: name)?.claim == 2)
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 0, limit: 10) == 2)
        #expect(try await writer.newestRun(queue: queue, name: name) == nil)
    }

    @Test func theFileShrinks() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        for batch in 0..<10 {
            try await writer.record(
                try (0..<300).map { number in
                    var record = try Sample.full(Int64(batch * 300 + number))
                    record.manifest = String(repeating: "\(batch * 300 + number) ", count: 200)
                    return record
                })
        }
        func pages() throws -> Int { try #require(try writer.pragma("page_count").flatMap { Int($0) }) }
        let full = try pages()
        #expect(try await writer.vacuum(pages: 10) == false)
        while try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 5, limit: 500) > 0 {}
        var rounds = 1
        let before = try pages()
        #expect(try await writer.vacuum(pages: 50), "more is left than one call gives back")
        #expect(try pages() == before - 50)
        while try await writer.vacuum(pages: 50) { rounds += 1 }
        #expect(rounds > 3)
        #expect(try pages() < full / 4)
        #expect(try writer.pragma("integrity_check") == "ok")
        #expect(try HistoryReader(path: place.path).records().count == 5)
    }

    @Test func theLastSweepIsRemembered() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        #expect(try await writer.lastSweep() == nil)
        let mark = SweepMark(at: Timestamp(milliseconds: 5), bootID: "b", bootMilliseconds: 7)
        try await writer.setLastSweep(mark)
        try writer.close()
        #expect(try await HistoryWriter(path: place.path).lastSweep() == mark)
    }
}
