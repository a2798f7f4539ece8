internal import Bundles
internal import History
internal import Runs
internal import Spool

extension HistoryRecord {
    /// What is remembered of a run that is over.
    ///
    /// - Parameter manifest: nil if it never got one.
    init(_ status: RunStatus, claim: Int64, _ manifest: Manifest?) {
        self.init(
            status: status, account: manifest?.account ?? status.owner, claim: claim, priority: manifest?.priority,
            manifest: manifest?.json(pretty: false))
        checkpointKey = manifest?.checkpoint?.key
    }

    /// What a run's own record says of a run that is over; nil if it is not.
    init?(_ record: RunRecord) {
        guard case .finished(let accepted, let status) = record.progress else { return nil }
        let manifest = accepted.flatMap { try? Manifest.reading(applied: Array($0.manifest.utf8)).get() }
        self.init(status, claim: record.claim.sequence, manifest)
        // As it was noted, also where this program cannot read it any more.
        self.manifest = accepted?.manifest
        bundleBytes = accepted?.bundleBytes
        earlier = record.earlier
    }
}
