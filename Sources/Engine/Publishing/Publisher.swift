// The last steps of a run, in the order that makes a result appear whole or not at all: what the script left is collected and
// cleaned; if another attempt follows, that is noted, and what this one left is put away; else the final status is noted in the
// record; the result's files are written, `state` last; all of it is flushed; one rename makes it visible (the commit point); its
// name's link is set; it is remembered in the history; its record is forgotten. Each step can be done again: recovery begins at
// the one that the record tells.

internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

struct Publisher: Sendable {
    let context: EngineContext
    let rememberer: Rememberer

    /// How much else is going on: what a result may wait for, to share a flush and a transaction.
    enum Company: Sendable, Hashable {
        case none
        /// Others run, and their results will be flushed.
        case running
        /// Others wait for this run's slot: their start, which must be flushed at once, is near.
        case waiting

        /// For a flush to ride along with.
        var patience: Duration? {
            switch self {
            case .none: nil
            case .running: .milliseconds(2)
            case .waiting: .milliseconds(30)
            }
        }
    }

    /// What a run leaves, as far as publishing must know it.
    struct Ended: Sendable {
        var claim: RunRecord.Claim
        /// nil for a bundle that was never accepted.
        var job: Job?
        var status: RunStatus
        /// Whether a script may have written something.
        var hasRun: Bool

        /// A job that is over.
        init(_ job: Job, _ status: RunStatus, hasRun: Bool) {
            claim = job.claim
            self.job = job
            self.status = status
            self.hasRun = hasRun
        }

        /// A bundle that never became a job: the original goes back to its owner.
        init(refused claim: RunRecord.Claim, _ status: RunStatus) {
            self.claim = claim
            self.status = status
            hasRun = false
        }
    }

    /// How far publishing has come: what was done is not done again by a later try, or what it found out would be lost.
    private struct Progress {
        var status: RunStatus
        var isCollected = false
        /// The record says that another attempt follows.
        var next: Job?
        var isNoted = false
    }

    /// Publishes a run that has ended, or never began; tries until the disk allows it, or the daemon stops.
    ///
    /// - Parameter mayRetry: whether there is room for one more that waits for another attempt.
    /// - Returns: the job, if it is not over: its next attempt is to come.
    func publish(_ ended: Ended, mayRetry: Bool, company: Company) async -> Job? {
        var progress = Progress(status: ended.status)
        return await untilItIsDone(ended.claim.run) {
            try await publishOnce(ended, &progress, mayRetry: mayRetry, company: company)
        } ?? nil
    }

    /// Tries until the disk allows it, or the daemon stops: then its record stays, and the next one publishes it.
    @discardableResult
    func untilItIsDone<Value>(_ run: RunID, _ body: () async throws -> Value) async -> Value? {
        var isSaid = false
        var backoff = Backoff()
        while true {
            do {
                return try await body()
            } catch LauncherError.died where !context.launcher.isGone {
                // The next launcher is asked again as soon as it is there.
                continue
            } catch {
                if Hindrances.isPassing(error) {
                    context.hindrances.begin(.publishing, "publishing the result of \(run)", error)
                } else if !isSaid {
                    context.logger.error("\(run): cannot publish its result, will try again: \(error)")
                    isSaid = true
                }
                guard await context.hindrances.rest(backoff.step()) else { return nil }
            }
        }
    }

    private func publishOnce(
        _ ended: Ended, _ progress: inout Progress, mayRetry: Bool, company: Company
    ) async throws -> Job? {
        let claim = ended.claim
        if !progress.isNoted {
            let directory = try context.spool.runDirectory(claim.run)
            let queue = try await context.queues.openResults(claim.queue)
            let result = try context.spool.resultDirectory(claim.name, claim.run, in: queue.active)
            if ended.hasRun, !progress.isCollected, let job = ended.job {
                try await Collector(context: context).collect(job, queue, result, &progress.status)
                progress.isCollected = true
            }
            if progress.next == nil, let job = ended.job {
                progress.next = try next(job, progress.status, in: directory, mayRetry: mayRetry)
            }
            if let next = progress.next, let last = next.earlier.last {
                try await AttemptShelf(context: context).put(last, away: next)
                return next
            }
            progress.status.finishedAt = progress.status.finishedAt ?? .now()
            // The next run is told by those that succeed.
            if progress.status.state != .succeeded { progress.status.report.checkpoint = nil }
            // The record of such a run says of no waiting what was accepted.
            let accepted = progress.status.state == .invalidInput ? ended.job?.accepted : nil
            try directory.note(.finished(progress.status, accepted), flush: context.flusher.next)
            progress.isNoted = true
        }
        try await finish(ended, progress.status, company: company)
        return nil
    }

    /// The job as it waits for another attempt, once the record says so; nil if there is none.
    private func next(_ job: Job, _ ended: RunStatus, in directory: RunDirectory, mayRetry: Bool) throws -> Job? {
        guard let pause = RetryRules.wait(after: ended.state, attempt: job.attempt, job.manifest.retry) else {
            return nil
        }
        if !mayRetry {
            context.logger.warning("\(job.run): too many runs wait for another attempt; it is not tried again")
            return nil
        }
        var ended = ended
        ended.attempt = job.attempt
        ended.finishedAt = ended.finishedAt ?? .now()
        let wait = RunRecord.Wait(milliseconds: pause, from: .now(), at: .now())
        try directory.note(.retrying(ended, wait))
        context.logger.info(
            "\(job.claim.queue)/\(job.claim.name).\(job.run): attempt \(job.attempt) \(ended.state.rawValue), tried again"
        )
        return job.again(after: ended, Job.Wait(wait))
    }

    /// From the final status on: also where recovery goes on with a run whose record has one.
    ///
    /// A result that is no more in `active/` was published already; if it is not in the outbox either, its reader removed it.
    func finish(_ ended: Ended, _ status: RunStatus, company: Company) async throws {
        let claim = ended.claim
        let manifest = ended.job?.manifest
        var record = HistoryRecord(status, claim: claim.sequence, manifest)
        record.bundleBytes = ended.job?.accepted.bundleBytes
        record.earlier = ended.job?.earlier ?? []
        let queue = try await context.queues.openResults(claim.queue)
        let entry = SpoolLayout.directory(claim.name, claim.run)
        if ended.job == nil { try await sendBack(claim, queue) }
        if queue.active.has(entry) {
            // One that is not the daemon's any more was about to be published when the launcher died: it is whole, and closed to it.
            if try queue.active.status(of: entry).owner == geteuid() {
                try write(status, manifest, to: context.spool.resultDirectory(claim.name, claim.run, in: queue.active))
            }
            // Its number as well: a result that was seen must be known for whole after a power cut, whether its rename came to
            // the disk or not.
            try await context.flusher.flush(patience: company.patience, isMarked: true)
            if queue.outbox.has(entry) {
                // Who may write the outbox made something of that name: it is no result, and nothing of it is lost.
                try queue.outbox.rename(entry, to: EntryName("\(claim.name).\(claim.run).\(RunID.new()).aside"))
            }
            // Its final state is on disk: nobody who sees the result finds the wish to end it any more.
            ControlFiles(context.spool.control).removeCancellation(of: claim.run)
            let ownership = FileOwnership(owner: claim.owner, group: queue.group)
            record.resultBytes = try await context.launcher.publish(
                entry, from: .active(claim.queue), to: .outbox(claim.queue), for: ownership)
        }
        context.checkpoints.published(record)
        try context.links.published(claim, in: queue.outbox)
        context.hindrances.end(.publishing)
        context.logger.info("\(claim.queue)/\(claim.name).\(claim.run): \(status.state.rawValue)")
        await remember(claim, record, company: company)
    }

    /// What was refused goes into its result. Only when the record has its final status, on disk: without one, and without what was
    /// sent, it would say that nothing ever left the inbox, also after a power cut.
    private func sendBack(_ claim: RunRecord.Claim, _ queue: QueueDirectory) async throws {
        let isHere = try context.spool.runDirectory(claim.run).directory.has(SpoolLayout.Run.sent)
        if isHere {
            // A reader may have removed its directory meanwhile.
            _ = try context.spool.resultDirectory(claim.name, claim.run, in: queue.active)
            try await context.flusher.flush()
        }
        guard queue.active.has(SpoolLayout.directory(claim.name, claim.run)) else { return }
        try await context.launcher.sendBack(
            .run(claim.run), into: .result(claim), for: FileOwnership(owner: claim.owner, group: queue.group))
    }

    private func write(_ status: RunStatus, _ manifest: Manifest?, to result: ResultDirectory) throws {
        if let manifest { try result.write(manifest: manifest.json()) }
        for log in [SpoolLayout.Result.stdout, SpoolLayout.Result.stderr] where !result.directory.has(log) {
            _ = try result.makeLog(log)
        }
        try result.write(status)
    }

    private func remember(_ claim: RunRecord.Claim, _ record: HistoryRecord, company: Company) async {
        guard await rememberer.remember(record, isBusy: company != .none) else { return }
        context.checkpoints.remembered(record)
        await putAway(claim.run, hasManifest: record.manifest != nil)
    }

    /// Remembers runs by their records: the history could not be written when they were published.
    func remember(late: [Rememberer.Late]) async throws {
        var records: [HistoryRecord] = []
        for one in late {
            // It may be gone: a daemon's administrator took it away, or it was put away before an error came.
            guard let found = try? context.spool.runDirectory(one.run).readRecord(), var record = HistoryRecord(found)
            else { continue }
            record.resultBytes = one.resultBytes
            records.append(record)
        }
        try await context.history.record(records)
        for record in records { context.checkpoints.remembered(record) }
        for record in records { await putAway(record.status.run, hasManifest: record.manifest != nil) }
    }

    /// Done again as long as the machine is short of something: what stays in `state/runs` counts as unfinished.
    private func putAway(_ run: RunID, hasManifest: Bool) async {
        // A wish that came after the result was published found no run to end, and none in the history that is over.
        ControlFiles(context.spool.control).removeCancellation(of: run)
        var backoff = Backoff()
        while true {
            do {
                return try await putAwayNow(run, hasManifest: hasManifest)
            } catch LauncherError.died where !context.launcher.isGone {
                continue
            } catch {
                if Hindrances.isPassing(error), await context.hindrances.rest(backoff.step()) { continue }
                // Recovery finds it, sees that it is remembered, and forgets it then.
                return context.logger.warning("\(run): cannot put its record away: \(error)")
            }
        }
    }

    private func putAwayNow(_ run: RunID, hasManifest: Bool) async throws {
        if hasManifest { return try await archive(run) }
        try context.spool.discardRun(run)
        context.trash.expect()
    }

    /// Keeps the bundle as it was sent. A run that never began still has what was dropped, and what was unpacked can be had again.
    private func archive(_ run: RunID) async throws {
        let directory = try context.spool.runDirectory(run).directory
        let hasArchive = directory.has(SpoolLayout.Run.archive)
        for name in [SpoolLayout.Run.sent] + (hasArchive ? [SpoolLayout.Run.bundle] : []) where directory.has(name) {
            // Also where the launcher dies before it answers: it may be there.
            defer { context.trash.expect() }
            try await context.launcher.discard(
                name, in: .run(run), to: Place(SpoolLayout.Way.trash),
                as: EntryName("\(run).\(name).\(RunID.new())"))
        }
        try context.spool.archiveRun(run)
    }
}
