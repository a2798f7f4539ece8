internal import Runs
internal import Spool

/// An accepted bundle that waits or runs.
struct Job: Sendable {
    let claim: RunRecord.Claim
    let accepted: RunRecord.Accepted
    let manifest: Manifest
    /// The unix user's name, as status.json shows it.
    let ownerName: String
    /// When it was taken, by the monotonic clock; nil if that was before a restart.
    let takenAt: SuspendingClock.Instant?

    var run: RunID { claim.run }

    /// What is known of it before it runs.
    func status(_ state: RunState) -> RunStatus {
        var status = RunStatus(
            run: claim.run, name: claim.name, queue: claim.queue, state: state, owner: ownerName,
            submittedAt: claim.submittedAt)
        status.title = manifest.title
        status.labels = manifest.labels
        status.bundleSHA256 = accepted.bundleSHA256
        status.runtime = manifest.runtime
        status.parentRun = claim.replay?.parent
        return status
    }

    /// Milliseconds from being taken to now.
    func waited() -> Int64 {
        if let takenAt { return (SuspendingClock.now - takenAt).milliseconds }
        return max(0, Timestamp.now().milliseconds - claim.submittedAt.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
