public import Runs

/// Something that the daemon cannot do at the moment, and does again by itself when it can: an entry of
/// `control/hindrances.json`.
public struct Hindrance: Sendable, Hashable {
    /// What is held up; the raw value is what the file says, and is only ever added to.
    public enum Activity: String, Sendable, Hashable, CaseIterable {
        case claiming, accepting, preparing, starting, logging, publishing, remembering, rebuilding

        /// Begins a sentence.
        public var words: String {
            switch self {
            case .claiming: "taking bundles from the inbox"
            case .accepting: "taking over what was claimed"
            case .preparing: "building environments"
            case .starting: "starting runs"
            case .logging: "writing down what scripts print"
            case .publishing: "publishing results"
            case .remembering: "writing the history"
            case .rebuilding: "judging older run ids"
            }
        }
    }

    public let activity: Activity
    public let since: Timestamp
    /// What is in the way, and the way out.
    public let reason: String

    public init(_ activity: Activity, since: Timestamp, reason: String) {
        self.activity = activity
        self.since = since
        self.reason = reason
    }
}
