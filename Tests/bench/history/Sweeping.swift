import Glibc
import History
import Runs
import Synchronization

/// Inserts as fast as it can: alone, while a sweep forgets runs and gives their pages back, and alone again, since a machine
/// that others use is not equally fast all the time.
enum Sweeping {
    /// A sweep's transactions are short: what comes together meanwhile is written in between.
    private static let forgotten = 100
    private static let pages = 50
    /// Transactions that are timed without a sweep.
    private static let alone = 200

    static func sweep(_ path: String, rows: Int64) async throws {
        let writer = try HistoryWriter(path: path)
        let count = try await writer.rowCount()
        let batches = Batches(after: count)
        var spentAlone: Int64 = 0
        for _ in 0..<alone { spentAlone += try await batches.insert(writer) }

        let keep = max(0, count - rows)
        let start = Making.clock(CLOCK_MONOTONIC)
        let sweep = Task {
            var deleted: Int64 = 0
            while deleted < rows {
                let now = try await writer.forgetRuns(finishedBefore: nil, keepingNewest: keep, limit: forgotten)
                deleted += Int64(now)
                if now == 0 { break }
                _ = try await writer.vacuum(pages: pages)
            }
            return deleted
        }
        // Awaited below; the loop ends with it.
        let over = Flag()
        let watch = Task {
            defer { over.set() }
            return try await sweep.value
        }
        var during = 0
        var spent: Int64 = 0
        while !over.isSet {
            spent += try await batches.insert(writer)
            during += 1
        }
        let deleted = try await watch.value
        let took = Making.clock(CLOCK_MONOTONIC) - start
        while try await writer.vacuum(pages: 1000) {}
        for _ in 0..<alone { spentAlone += try await batches.insert(writer) }
        let rate = Double(2 * alone * Making.batch) / seconds(spentAlone)
        try writer.close()
        print(
            "{\"rows_per_second\":\(Int(rate)),\"during_sweep\":\(Int(Double(during * Making.batch) / seconds(spent))),"
                + "\"forgotten\":\(deleted),\"forgotten_per_second\":\(Int(Double(deleted) / seconds(took)))}")
    }

    private static func seconds(_ nanoseconds: Int64) -> Double { Double(max(1, nanoseconds)) / 1e9 }
}

/// Runs that come after those that are there.
private actor Batches {
    private var runs: SyntheticRuns?

    init(after count: Int64) {
        let ending = Timestamp(milliseconds: Making.ending.milliseconds + SyntheticRuns.year + 86_400_000)
        runs = SyntheticRuns(seed: UInt64(count) &+ 2, rows: 100_000_000, ending: ending)
    }

    /// Nanoseconds that one transaction took.
    func insert(_ writer: HistoryWriter) async throws -> Int64 {
        let records = (0..<Making.batch).compactMap { _ in runs?.next() }
        let start = Making.clock(CLOCK_MONOTONIC)
        try await writer.record(records)
        return Making.clock(CLOCK_MONOTONIC) - start
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
