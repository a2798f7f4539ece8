internal import Linux
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
    /// How its earlier attempts ended.
    var earlier: [RunStatus] = []
    /// What it waits for before its next attempt.
    var wait: Wait?
    /// What it was given for its next attempt, if it asks for anything.
    var prepared: PreparedEnvironment?

    /// The pause before another attempt.
    struct Wait: Sendable {
        let noted: RunRecord.Wait
        /// When it is over, by the clock of this process.
        let due: SuspendingClock.Instant

        /// - Parameter noted: what the record says, perhaps of a former daemon.
        init(_ noted: RunRecord.Wait) {
            self.noted = noted
            due = .now + .milliseconds(noted.remaining(.now(), at: .now()))
        }
    }

    var run: RunID { claim.run }

    /// The number of the attempt that is next, or under way.
    var attempt: Int { earlier.count + 1 }

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
        status.attempt = earlier.last?.attempt
        status.environment = prepared?.status
        if state == .queued, let last = earlier.last, let wait {
            status.retryAt = wait.noted.until
            status.reason = RetryRules.reason(
                last, of: manifest.retry?.attempts ?? attempt, until: wait.noted.until)
        }
        return status
    }

    /// The same bundle, waiting for another attempt.
    func again(after ended: RunStatus, _ wait: Wait) -> Job {
        var job = self
        job.earlier.append(ended)
        job.wait = wait
        job.prepared = nil
        return job
    }

    /// Milliseconds from being taken, or from the end of the pause before this attempt, to now.
    func waited() -> Int64 {
        if let wait { return max(0, (SuspendingClock.now - wait.due).milliseconds) }
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
