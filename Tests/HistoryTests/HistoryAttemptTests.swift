import Foundation
import GRDB
import History
import Runs
import Testing

/// A run that was tried again: one run, and how each of its attempts ended.
@Suite struct HistoryAttemptTests {
    /// Three attempts of which the last succeeded.
    private static func record(_ number: Int64) throws -> HistoryRecord {
        var record = try Sample.full(number)
        record.status.attempt = 3
        record.status.state = .succeeded
        for attempt in 1...2 {
            var status = record.status
            status.attempt = attempt
            status.state = attempt == 1 ? .failed : .timedOut
            status.exitCode = attempt == 1 ? 7 : nil
            status.reason = "attempt \(attempt)"
            status.wallMilliseconds = 100
            record.earlier.append(status)
        }
        return record
    }

    @Test func eachAttemptIsThere() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let record = try Self.record(1)
        try writer.recordBlocking([record, try Sample.minimal(2)])
        // Recovery adds it once more.
        try writer.recordBlocking([record])
        let reader = try HistoryReader(path: place.path)
        let earlier = try reader.earlierAttempts(of: record.status)
        #expect(earlier.map(\.attempt) == [1, 2])
        #expect(earlier.map(\.state) == [.failed, .timedOut])
        #expect(earlier.map(\.exitCode) == [7, nil])
        #expect(earlier.map(\.reason) == ["attempt 1", "attempt 2"])
        #expect(earlier.map(\.startedAt) == record.earlier.map(\.startedAt))
        let rows = try DatabaseQueue(path: place.path).read {
            try Row.fetchAll(
                $0, sql: "SELECT * FROM attempts WHERE run = ? ORDER BY attempt",
                arguments: [record.status.run.description])
        }
        #expect(rows.map { $0["state"] as String? } == ["failed", "timed_out", "succeeded"])
        #expect(rows.map { $0["wall_seconds"] as Double? } == [0.1, 0.1, 1])
        // The time of all attempts was spent.
        let wall = try DatabaseQueue(path: place.path).read {
            try Double.fetchOne($0, sql: "SELECT sum(wall_seconds) FROM daily_statistics WHERE state = 'succeeded'")
        }
        #expect(wall == 1.2)
    }

    /// The last attempt that ran is the first; then it was cancelled.
    @Test func whoIsCancelledBetweenTwoAttemptsHasNoMore() throws {
        let place = try TemporaryHistory()
        var record = try Self.record(1)
        record.earlier.removeLast()
        record.status.attempt = 1
        record.status.state = .cancelled
        try HistoryWriter(path: place.path).recordBlocking([record])
        let states = try DatabaseQueue(path: place.path).read {
            try String.fetchAll($0, sql: "SELECT state FROM attempts")
        }
        #expect(states == ["failed"])
    }

    @Test func theyAreForgottenWithTheRun() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking([try Self.record(1), try Self.record(2)])
        #expect(try await writer.forgetRuns(finishedBefore: nil, keepingNewest: 1, limit: 10) == 1)
        let left = try await writer.rowCount()
        #expect(left == 1)
        let rows = try await DatabaseQueue(path: place.path).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM attempt")
        }
        #expect(rows == 2)
    }
}
