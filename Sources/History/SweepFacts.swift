public import Runs

/// What decides whether a result, or an archived bundle, may go.
public struct SweepFacts: Hashable, Sendable {
    public let queue: QueueName
    public let name: BundleName
    public let state: RunState
    /// When it was submitted, where it is not known when it ended.
    public let finishedAt: Timestamp
    public let resultBytes: Int64?
    public let bundleBytes: Int64?

    public init(
        queue: QueueName, name: BundleName, state: RunState, finishedAt: Timestamp, resultBytes: Int64?,
        bundleBytes: Int64?
    ) {
        self.queue = queue
        self.name = name
        self.state = state
        self.finishedAt = finishedAt
        self.resultBytes = resultBytes
        self.bundleBytes = bundleBytes
    }
}
