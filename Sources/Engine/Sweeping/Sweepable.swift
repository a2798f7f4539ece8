internal import Linux
internal import Runs
internal import Spool

/// Something that a sweep may remove: a result in the outbox, or a bundle in the archive.
struct Sweepable: Sendable, Hashable {
    /// The queue and name, as far as they are known.
    struct Series: Sendable, Hashable {
        let queue: QueueName
        let name: BundleName
    }

    let series: Series
    let run: RunID
    /// When its run ended; of one that the history does not know, its own time stamp.
    let endedAt: Timestamp
    let hasSucceeded: Bool
    /// On disk.
    let bytes: Int64
}

/// Why something goes.
enum SweepReason: Sendable, Hashable {
    /// The rule, and milliseconds.
    case age(String, Int64)
    /// The rule, and bytes.
    case size(String, Int64)
}
