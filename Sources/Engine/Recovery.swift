// What a crash left, step by step of a bundle's way. Only `state/runs` is read, and of it only the records: what lies in
// `active/` are copies for readers, pruned here when no record speaks of them; the outbox is never walked.

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

struct Recovery: Sendable {
    let context: EngineContext

    /// How a run goes on.
    enum Continuation: Sendable {
        /// Judged again, from what was sent.
        case accept(Claimer.Claimed)
        /// Waits again.
        case wait(Job)
        /// Waits for another attempt, when what the one before left is out of its way.
        case retry(Job)
        /// Its result is made and published.
        case publish(Publisher.Ended)
        /// Its final status is known: published, or remembered, or only forgotten.
        case finish(Publisher.Ended)
        /// Its bundle is made again first.
        indirect case takeAgain(Job, then: Continuation)
    }

    struct Found: Sendable {
        var continuations: [Continuation] = []
        var highestSequence: Int64 = 0
    }

    /// Reads all records. Runs of a former daemon are dead when it returns.
    func read() async throws -> Found {
        var found = Found()
        let cut = try PowerCut.before(context)
        let runs = try context.spool.unfinishedRuns()
        let parts = await withTaskGroup(of: (Int, Part).self) { group in
            for start in stride(from: 0, to: runs.count, by: Self.together) {
                group.addTask { (start, await read(runs[start..<min(start + Self.together, runs.count)], cut)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        for part in parts {
            found.highestSequence = max(found.highestSequence, part.found.highestSequence)
            found.continuations += part.found.continuations
        }
        // Only now that every drop of a name is known: a link may come back only if none of them is under way.
        for claim in parts.flatMap(\.empty) { try await withdraw(claim) }
        try await prune(keeping: Set(runs))
        // What was in doubt is settled: from here on this boot's records are believed.
        try await beginFlushes(after: parts.reduce(cut.flushes) { max($0, $1.flushes) })
        if !found.continuations.isEmpty {
            context.logger.notice("\(found.continuations.count) runs of a former daemon go on")
        }
        return found
    }

    private func beginFlushes(after number: Int64) async throws(Errno) {
        do {
            try await context.flusher.begin(after: number)
        } catch {
            if !Hindrances.isPassing(error) { throw error }
            // The next result leaves a mark. Until there is room for that, a further start settles the same things again.
            context.logger.warning("state/flushed cannot be written: \(error)")
        }
    }

    private struct Part: Sendable {
        var found = Found()
        /// Claims whose entry never left the inbox.
        var empty: [RunRecord.Claim] = []
        /// The highest number of a flush that a record speaks of.
        var flushes: Int64 = 0
    }

    /// Records that one task reads. Nearly all of it is parsing, of a record and of the manifest in it, so with many waiting
    /// bundles all processors share it.
    private static let together = 256

    private func read(_ runs: ArraySlice<RunID>, _ cut: PowerCut) async -> Part {
        var part = Part()
        for run in runs {
            do {
                guard let (claim, next) = try await read(run, cut, &part) else { continue }
                part.found.highestSequence = max(part.found.highestSequence, claim.sequence)
                part.found.continuations.append(next)
            } catch {
                context.logger.error("state/runs/\(run) cannot be read and stays as it is: \(error)")
            }
        }
        return part
    }

    /// - Parameter part: What comes of it beside its continuation is added here.
    private func read(
        _ run: RunID, _ cut: PowerCut, _ part: inout Part
    ) async throws -> (RunRecord.Claim, Continuation)? {
        let directory = try context.spool.runDirectory(run)
        let hasSent = directory.directory.has(SpoolLayout.Run.sent)
        guard var record = try directory.mendRecord() else {
            // The record is flushed before the entry moves: without a record nothing was moved.
            if hasSent { throw SpoolError(.badRecord, "state/runs/\(run)/run.json") }
            try context.spool.discardRun(run)
            return nil
        }
        part.flushes = max(part.flushes, record.flush ?? 0)
        if cut.isInDoubt(record) { record = try await settle(record, in: directory, cut) }
        guard let (claim, next) = try await goOn(record, directory, hasSent: hasSent, &part.empty) else { return nil }
        // Where what was sent is still there, so was the bundle, unless it is to be made again.
        if hasSent, let accepted = record.accepted, !directory.directory.has(SpoolLayout.Run.bundle) {
            return (claim, .takeAgain(try job(claim, accepted, record.earlier), then: next))
        }
        return (claim, next)
    }

    private func goOn(
        _ record: RunRecord, _ directory: RunDirectory, hasSent: Bool, _ empty: inout [RunRecord.Claim]
    ) async throws -> (RunRecord.Claim, Continuation)? {
        let claim = record.claim
        switch record.progress {
        case .claimed:
            guard hasSent else {
                empty.append(claim)
                return nil
            }
            try await adopt(claim)
            let drop = Drop(queue: claim.queue, entry: claim.entry)
            var claim = claim
            let sent = try directory.directory.status(of: SpoolLayout.Run.sent)
            // A bundle that runs again comes out of the archive: its owner is the one it had.
            if claim.replay == nil {
                claim.owner = sent.owner
                claim.group = sent.group
            }
            let name = DropName(
                claim.entry, isDirectory: sent.kind == .directory,
                endings: context.settings.value.scriptEndings)
            let claimed = Claimer.Claimed(
                drop: drop, claim: claim, errors: name.error.map { [$0] } ?? [], takenAt: nil)
            return (claim, .accept(claimed))
        case .queued(let accepted):
            try await adopt(claim)
            return (claim, .wait(try job(claim, accepted, record.earlier)))
        case .running(let accepted, let attempt):
            try await adopt(claim)
            if let process = attempt.process {
                try await context.launcher.killAndAwait(ProcessIdentity(pid: process.pid, startTime: process.startTime))
            }
            let job = try job(claim, accepted, record.earlier)
            var status = job.status(.interrupted)
            status.attempt = attempt.number
            status.startedAt = attempt.startedAt
            status.waitMilliseconds = attempt.waitMilliseconds
            status.reason = "Bobbin or the machine went down while it ran; send it again under a new run id"
            if let asker = try canceller(of: claim) {
                status.state = .cancelled
                status.reason = "cancelled by \(asker); Bobbin or the machine went down before it had ended"
            }
            return (claim, .publish(Publisher.Ended(job, status, hasRun: true)))
        case .ended(let accepted, _, let ending):
            try await adopt(claim)
            return (
                claim, .publish(Publisher.Ended(try job(claim, accepted, record.earlier), ending.status, hasRun: true))
            )
        case .retrying(let accepted, let wait):
            try await adopt(claim)
            var job = try job(claim, accepted, record.earlier)
            job.wait = Job.Wait(wait)
            return (claim, .retry(job))
        case .finished(let accepted, let status):
            try await adopt(claim, evenAgain: true)
            guard let accepted else {
                return (claim, .finish(Publisher.Ended(refused: claim, status)))
            }
            return (claim, .finish(Publisher.Ended(try job(claim, accepted, record.earlier), status, hasRun: false)))
        }
    }

    /// Who asked for the end of a run and may: a wish is kept until the run's final state is published.
    private func canceller(of claim: RunRecord.Claim) throws -> String? {
        let wishes = try ControlFiles(context.spool.control).cancellations()
        guard let wish = wishes.first(where: { $0.run == claim.run }), context.mayCancel(claim.owner, wish.asker) else {
            return nil
        }
        return context.owners.name(of: wish.asker)
    }

    private func withdraw(_ claim: RunRecord.Claim) async throws {
        if claim.again == nil {
            let queue = try await context.queues.openResults(claim.queue)
            context.links.adopt(claim, newestKnown: nil)
            context.links.withdraw(claim, in: queue.outbox)
        }
        try context.spool.discardRun(claim.run)
    }

    /// A drop that claims a known run is adopted when it is rejected, and so is one that was.
    private func adopt(_ claim: RunRecord.Claim, evenAgain: Bool = false) async throws {
        if claim.again != nil, !evenAgain { return }
        let newest = try await context.mender.ask { history in
            try await history.newestRun(queue: claim.queue, name: claim.name)
        }
        context.links.adopt(claim, newestKnown: newest?.claim)
    }

    private func job(
        _ claim: RunRecord.Claim, _ accepted: RunRecord.Accepted, _ earlier: [RunStatus] = []
    ) throws -> Job {
        Job(
            claim: claim, accepted: accepted,
            manifest: try Manifest.reading(applied: Array(accepted.manifest.utf8)).get(),
            ownerName: context.owners.name(of: claim.owner), takenAt: nil, earlier: earlier)
    }

    /// Removes what readers saw of runs that no record speaks of any more, and the queue's words of states, which are made
    /// anew: nothing that a former daemon wrote there is relied on.
    private func prune(keeping runs: Set<RunID>) async throws {
        for queue in try context.spool.active.entries() where QueueName(bytes: queue.name.bytes) != nil {
            guard let directory = try? context.spool.active.directory(queue.name) else { continue }
            for entry in try directory.entries() {
                // What is hidden is on its way to be another's name, or a queue's word of a state.
                if !entry.name.hasPrefix("."), let run = BundleName.runSuffix(of: entry.name.bytes), runs.contains(run)
                {
                    continue
                }
                do {
                    try await context.launcher.remove(entry.name, in: Place([SpoolLayout.active, queue.name]))
                } catch {
                    context.logger.warning("active/\(queue.name)/\(entry.name) cannot be removed: \(error)")
                }
            }
        }
    }
}
