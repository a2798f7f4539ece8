public import Runs

/// What the history keeps of one run that is over: all that its status.json says, and what was applied to it.
public struct HistoryRecord: Hashable, Sendable {
    public var status: RunStatus
    /// Whom it is accounted to; the owner where its manifest names nobody.
    public var account: String
    /// Its place in the order of all claims of this spool: of two drops of one name, the newer has the greater.
    public var claim: Int64
    /// From 1 (first) to 99; nil where it never got a manifest.
    public var priority: Int?
    /// The text of manifest.json; nil for a run that was rejected before it had one.
    public var manifest: String?
    /// What its result's directory took when it was published.
    public var resultBytes: Int64?
    /// What its bundle takes in the archive.
    public var bundleBytes: Int64?
    /// How the attempts ended that another one followed, in their order; left out where runs are listed.
    public var earlier: [RunStatus] = []
    /// Under which name what it leaves for the next run is kept; nil: its bundle's.
    public var checkpointKey: String?

    public init(
        status: RunStatus, account: String? = nil, claim: Int64, priority: Int? = nil, manifest: String? = nil,
        resultBytes: Int64? = nil, bundleBytes: Int64? = nil
    ) {
        self.status = status
        self.account = account ?? status.owner
        self.claim = claim
        self.priority = priority
        self.manifest = manifest
        self.resultBytes = resultBytes
        self.bundleBytes = bundleBytes
    }
}
