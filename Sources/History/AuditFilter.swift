public import Runs

/// Which entries of the audit a reader asks for.
public struct AuditFilter: Hashable, Sendable {
    public var since: Timestamp?
    public var until: Timestamp?
    /// Any of them; empty: every action. Words, since a later version may know more.
    public var actions: [String] = []
    public var users: [String] = []
    public var limit: Int?

    public init() {}
}

/// An entry as it stands in the audit: texts, since a later version may have written it.
public struct AuditRecord: Hashable, Sendable {
    public let at: Timestamp
    public let uid: Int64?
    public let user: String?
    public let action: String
    public let queue: String?
    public let run: String?
    public let detail: String?
    public let outcome: String
}
