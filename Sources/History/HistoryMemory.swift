public import Runs

/// How far back the history knows every run.
public struct HistoryMemory: Hashable, Sendable {
    /// When it was begun.
    public let since: Timestamp
    /// The greatest time that an id of a run has that it forgot; ids of that time or an earlier one may have been used.
    public let forgottenUntil: Timestamp?

    /// The later of the two.
    public var oldest: Timestamp { max(since, forgottenUntil ?? since) }

    public init(since: Timestamp, forgottenUntil: Timestamp?) {
        self.since = since
        self.forgottenUntil = forgottenUntil
    }
}
