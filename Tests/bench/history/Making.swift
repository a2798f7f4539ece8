import Glibc
import History
import Runs

/// Fills a history.
enum Making {
    /// Runs of one transaction: what a busy daemon brings together within its tenth of a second.
    static let batch = 500
    /// Made once, so that every file has the same runs.
    static let ending = Timestamp(milliseconds: 1_795_000_000_000)

    static func make(_ path: String, rows: Int64) throws {
        guard var runs = SyntheticRuns(seed: 1, rows: rows, ending: ending) else { throw UsageError() }
        let writer = try HistoryWriter(path: path)
        var spent: Int64 = 0
        var processor: Int64 = 0
        var done: Int64 = 0
        while done < rows {
            let records = (0..<min(Int64(batch), rows - done)).compactMap { _ in runs.next() }
            let start = (clock(CLOCK_MONOTONIC), clock(CLOCK_PROCESS_CPUTIME_ID))
            try writer.recordBlocking(records)
            spent += clock(CLOCK_MONOTONIC) - start.0
            processor += clock(CLOCK_PROCESS_CPUTIME_ID) - start.1
            done += Int64(records.count)
            if done % 1_000_000 == 0 {
                note("\(done) rows, \(done * 1_000_000_000 / max(1, spent)) a second so far\n")
            }
        }
        try writer.close()
        print(
            "{\"rows\":\(rows),\"rows_per_second\":\(rows * 1_000_000_000 / max(1, spent)),"
                + "\"processor_microseconds_per_row\":\(processor / 1000 / max(1, rows))}")
    }

    static func note(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) } }

    /// Nanoseconds.
    static func clock(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
