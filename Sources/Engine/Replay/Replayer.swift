// A run that repeats another: its bundle comes out of the archive instead of an inbox, as `sent` of a new run, and from there on
// it is judged and run like any other. The claim's record says what it repeats and is flushed first; `sent` appears whole, by
// one rename; only then is the request taken away. Cut off before, the claim is withdrawn at the next start, and the request,
// still there, is done again; cut off behind, the new run's id is known, and the request is done.

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

struct Replayer: Sendable {
    let context: EngineContext
    let sequence: ClaimCounter
    let scheduler: Scheduler
    let intake: Intake

    /// Makes the run that a request asks for, once there is room for it. Done already, it is no error.
    func replay(_ request: ControlRequest.Retry, by asker: UInt32) async throws {
        if try await isKnown(request.run) { return }
        let parent = try await ArchivedBundle.find(request.parent, in: context)
        guard context.mayCancel(parent.claim.owner, asker) else {
            throw RequestRefusal(
                "\(context.owners.name(of: asker)) may not retry another user's run; only its owner, root and the spool's"
                    + " admins may")
        }
        let queue = request.queue ?? parent.claim.queue
        guard let open = try? await context.queues.open(queue) else {
            throw RequestRefusal("there is no queue '\(queue)'; make it with: mkdir inbox/\(queue)")
        }
        if queue != parent.claim.queue, !context.isAdmin(asker), !Self.mayWrite(open.inbox, asker) {
            throw RequestRefusal("\(context.owners.name(of: asker)) may not drop into queue '\(queue)'")
        }
        await scheduler.waitForRoom(below: max(1, context.settings.value.intake.maxQueued))
        let claim = claim(request, parent, queue, open)
        let claimed = try await take(claim, request, parent, open)
        // Not awaited here: it is judged, and waits, in the group of everything that runs.
        await scheduler.resume { await intake.resume(claimed) }
    }

    private func isKnown(_ run: RunID) async throws -> Bool {
        if context.spool.runs.has(EntryName(run.description)) { return true }
        return try await context.history.knows(run) != nil
    }

    private func claim(
        _ request: ControlRequest.Retry, _ parent: ArchivedBundle, _ queue: QueueName, _ open: QueueDirectory
    ) -> RunRecord.Claim {
        var claim = RunRecord.Claim(
            run: request.run, queue: queue, name: parent.claim.name, entry: parent.claim.entry,
            sequence: sequence.next(), submittedAt: .now(), owner: parent.claim.owner, group: parent.claim.group)
        claim.replay = RunRecord.Replay(
            parent: request.parent, bundleSHA256: parent.accepted.bundleSHA256,
            manifest: request.readsManifest ? nil : parent.accepted.manifest)
        claim.oldLink = ResultLinks(outbox: open.outbox).target(of: claim.name)
        return claim
    }

    private func take(
        _ claim: RunRecord.Claim, _ request: ControlRequest.Retry, _ parent: ArchivedBundle, _ queue: QueueDirectory
    ) async throws -> Claimer.Claimed {
        let directory = try context.spool.makeRunDirectory(claim.run)
        do {
            try directory.note(.claimed(claim))
            if let input = request.input {
                try directory.directory.create(
                    SpoolLayout.Run.options, with: Array(SubmitOptions(input: input).json().utf8), mode: 0o600)
            }
            try await context.flusher.flush()
            try context.links.claim(claim, in: queue.outbox)
        } catch {
            try context.spool.discardRun(claim.run)
            throw error
        }
        do {
            try await parent.copy(
                to: .run(claim.run), as: SpoolLayout.Run.sent,
                for: FileOwnership(owner: geteuid(), group: getegid()), in: context)
        } catch {
            context.links.withdraw(claim, in: queue.outbox)
            try context.spool.discardRun(claim.run)
            throw error
        }
        let drop = Drop(queue: claim.queue, entry: claim.entry)
        return Claimer.Claimed(drop: drop, claim: claim, takenAt: .now)
    }

    /// By the mode alone: what an access control list adds is not asked.
    private static func mayWrite(_ directory: Directory, _ user: UInt32) -> Bool {
        guard let status = try? directory.status() else { return false }
        if status.owner == user { return status.permissions & 0o300 == 0o300 }
        if UserDatabase.isUser(user, inGroup: status.group) { return status.permissions & 0o030 == 0o030 }
        return status.permissions & 0o003 == 0o003
    }
}
