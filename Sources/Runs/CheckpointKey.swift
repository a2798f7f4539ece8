/// Under what a run's checkpoint is kept.
public struct CheckpointKey: Hashable, Sendable {
    public let queue: QueueName
    /// The bundle's name, or what its manifest says.
    public let key: String

    public init(queue: QueueName, key: String) {
        self.queue = queue
        self.key = key
    }
}
