/// Under what a run's checkpoint is kept.
public struct CheckpointKey: Hashable, Sendable {
    public let queue: QueueName
    /// The bundle's name, or what its manifest says.
    public let key: String

    /// Bytes of a value's JSON text, which must be fewer: it becomes a variable of the next run.
    public static let longestValue = 65_536

    public init(queue: QueueName, key: String) {
        self.queue = queue
        self.key = key
    }
}
