public import Runs

/// Who asked for what, and what came of it.
public struct AuditEntry: Hashable, Sendable {
    public var at: Timestamp
    /// The owner of the file that asked; nil where nobody did, as for a sweep that was due.
    public var uid: UInt32?
    /// Its name then.
    public var user: String?
    public var action: AuditAction
    public var queue: QueueName?
    public var run: RunID?
    public var detail: String?
    /// `done`, `refused`…
    public var outcome: String

    public init(
        at: Timestamp, uid: UInt32? = nil, user: String? = nil, action: AuditAction, queue: QueueName? = nil,
        run: RunID? = nil, detail: String? = nil, outcome: String
    ) {
        self.at = at
        self.uid = uid
        self.user = user
        self.action = action
        self.queue = queue
        self.run = run
        self.detail = detail
        self.outcome = outcome
    }
}

/// What can be asked for. The words stand in the database: only ever added.
public enum AuditAction: String, Sendable, Hashable, CaseIterable {
    case cancel, pause, resume, drain, undrain, retry, sweep, duplicate, bundle, rebuild, checkpoint, environment
}
