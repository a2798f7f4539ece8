public import Runs

/// Which runs a reader asks for; what is left out does not restrict.
public struct HistoryFilter: Hashable, Sendable {
    public var queue: QueueName?
    /// Empty: every state.
    public var states: Set<RunState> = []
    public var name: BundleName?
    public var owner: String?
    /// Submitted at this moment or later.
    public var since: Timestamp?
    /// Submitted before this moment.
    public var until: Timestamp?
    /// At most so many; nil: all there are.
    public var limit: Int?

    public init() {}
}
