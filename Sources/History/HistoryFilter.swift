public import Runs

/// Which runs a reader asks for, and in which order; what is left out does not restrict.
public struct HistoryFilter: Hashable, Sendable {
    /// Any of them; empty: every queue. So with all lists but `labels`.
    public var queues: [QueueName] = []
    public var states: Set<RunState> = []
    /// Names, or patterns of them: `*` stands for any characters, `?` for one.
    public var names: [String] = []
    public var owners: [String] = []
    /// All of them.
    public var labels: [Label] = []
    public var runtimes: [String] = []
    /// Submitted at this moment or later.
    public var since: Timestamp?
    /// Submitted before this moment.
    public var until: Timestamp?
    /// Milliseconds of wall time, at least.
    public var longerThan: Int64?
    /// Milliseconds of wall time, less than.
    public var shorterThan: Int64?
    public var exitCodes: [ClosedRange<Int32>] = []
    /// A text within the reason; the case of ASCII letters does not matter. Reasons with a NUL in them, which Bobbin does not
    /// write, match no text.
    public var reason: String?
    public var sort = HistorySort()
    /// Only what follows this run in the order.
    public var after: RunID?
    /// At most so many; nil: all there are.
    public var limit: Int?

    public init() {}
}
