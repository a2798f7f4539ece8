public import Runs

/// What is asked of the daily sums.
public struct StatisticsFilter: Hashable, Sendable {
    /// What they are summed up by, in the order of the answer's columns; empty: one sum of all.
    public var by: [Dimension] = [.day]
    /// From the day of this moment on. Days are UTC's.
    public var since: Timestamp?
    /// Only days that begin before this moment.
    public var until: Timestamp?
    public var queues: [QueueName] = []
    public var owners: [String] = []
    /// Names or patterns, as in `HistoryFilter`.
    public var names: [String] = []
    /// At most so many sums; nil: all.
    public var limit: Int?

    public init() {}

    public enum Dimension: String, CaseIterable, Sendable {
        case day, queue, owner, name, state
    }
}

/// One sum.
public struct StatisticsRow: Hashable, Sendable {
    /// The values that it was summed up by: a day as `2026-11-01`.
    public let keys: [String]
    public let runs: Int64
    /// Of them.
    public let succeeded: Int64
    public let wallMilliseconds: Int64
    public let cpuMilliseconds: Int64
    /// From being taken to being started.
    public let waitMilliseconds: Int64
}
