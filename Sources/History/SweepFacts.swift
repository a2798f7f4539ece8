public import Runs

/// What decides whether a result, or an archived bundle, may go.
public struct SweepFacts: Hashable, Sendable {
    public let state: RunState
    /// When it was submitted, where it is not known when it ended.
    public let finishedAt: Timestamp
    public let resultBytes: Int64?
    public let bundleBytes: Int64?

    public init(state: RunState, finishedAt: Timestamp, resultBytes: Int64?, bundleBytes: Int64?) {
        self.state = state
        self.finishedAt = finishedAt
        self.resultBytes = resultBytes
        self.bundleBytes = bundleBytes
    }
}
