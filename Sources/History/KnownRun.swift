public import Runs

/// What the daemon asks the history about an id that is offered again.
public struct KnownRun: Hashable, Sendable {
    public let run: RunID
    public let name: BundleName
    public let queue: QueueName
    public let state: RunState
    public let owner: String
    public let submittedAt: Timestamp
    public let claim: Int64
    /// nil where the bundle never got as far as being hashed.
    public let bundleSHA256: String?

    init(_ record: HistoryRecord) {
        run = record.status.run
        name = record.status.name
        queue = record.status.queue
        state = record.status.state
        owner = record.status.owner
        submittedAt = record.status.submittedAt
        claim = record.claim
        bundleSHA256 = record.status.bundleSHA256
    }
}
