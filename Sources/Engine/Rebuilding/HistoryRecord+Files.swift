internal import Bundles
internal import History
internal import Runs
internal import Spool

extension HistoryRecord {
    /// What a run's own record says of a run that is over; nil if it is not.
    init?(_ record: RunRecord) {
        guard case .finished(let accepted, let status) = record.progress else { return nil }
        let manifest = accepted.flatMap { try? Manifest.reading(applied: Array($0.manifest.utf8)).get() }
        self.init(
            status: status, account: manifest?.account ?? status.owner, claim: record.claim.sequence,
            priority: manifest?.priority, manifest: accepted?.manifest, bundleBytes: accepted?.bundleBytes)
        earlier = record.earlier
    }
}
