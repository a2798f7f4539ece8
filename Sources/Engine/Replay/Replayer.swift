// A run that repeats another: its bundle comes out of the archive instead of an inbox, as `sent` of a new run, and from there on
// it is judged and run like any other. The claim's record says what it repeats and is flushed first; `sent` appears whole, by
// one rename, and is flushed; only then is the request taken away. Cut off before, the claim is withdrawn at the next start, and
// the request, still there, is done again; cut off behind, the new run's id is known, and the request is done.

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

    /// Returns when there is room for one more.
    func waitForRoom() async throws {
        await scheduler.waitForRoom(below: max(1, context.settings.value.intake.maxQueued))
        if await scheduler.isStopping { throw CancellationError() }
    }

    /// Makes the run that a request asks for. Done already, it is no error.
    func replay(_ request: ControlRequest.Retry, by asker: UInt32) async throws {
        switch try await ChosenRun(request.run, in: context) {
        case .new: break
        case .known, .beingJudged: return
        case .refused(let error): throw RequestRefusal(error.message)
        }
        if context.spool.archive.has(EntryName(request.run.description)) {
            throw RequestRefusal("run id \(request.run) was used before; choose a new one")
        }
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
        if !context.isAdmin(asker), !Self.mayWrite(open.inbox, asker) {
            throw RequestRefusal("\(context.owners.name(of: asker)) may not drop into queue '\(queue)'")
        }
        let claimed = try await take(request, parent, queue, open)
        // Not awaited here: it is judged, and waits, in the group of everything that runs.
        await scheduler.resume { await intake.resume(claimed) }
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
        _ request: ControlRequest.Retry, _ parent: ArchivedBundle, _ name: QueueName, _ queue: QueueDirectory
    ) async throws -> Claimer.Claimed {
        let claim = try await begin(request, parent, name, queue)
        do {
            try await copy(parent, to: claim.run)
            // Who is told that it was done may rely on it.
            try await context.flusher.flush()
        } catch {
            context.links.withdraw(claim, in: queue.outbox)
            context.discardClaim(claim.run)
            throw error
        }
        let drop = Drop(queue: claim.queue, entry: claim.entry)
        return Claimer.Claimed(drop: drop, claim: claim, takenAt: .now)
    }

    private func copy(_ parent: ArchivedBundle, to run: RunID) async throws {
        try await context.launcher.again {
            // One that died after it was made.
            try await context.launcher.remove(SpoolLayout.Run.sent, in: .run(run))
            try await parent.copy(
                to: .run(run), as: SpoolLayout.Run.sent, for: FileOwnership(owner: geteuid(), group: getegid()),
                in: context)
        }
    }

    /// The claim, from its number to its name's link, in turn with those of drops.
    private func begin(
        _ request: ControlRequest.Retry, _ parent: ArchivedBundle, _ name: QueueName, _ queue: QueueDirectory
    ) async throws -> RunRecord.Claim {
        await sequence.turn.take()
        defer { sequence.turn.giveBack() }
        let claim = claim(request, parent, name, queue)
        let directory = try context.spool.makeRunDirectory(claim.run)
        do {
            try directory.note(.claimed(claim))
            // The manifest that was applied has the input that was sent beside the bundle; the bundle's own has not.
            let sent = request.readsManifest ? try parent.submitOptions() : nil
            if let options = request.input.map({ Array(SubmitOptions(input: $0).json().utf8) }) ?? sent {
                try directory.directory.create(SpoolLayout.Run.options, with: options, mode: 0o600)
            }
            try await context.flusher.flush()
            try context.links.claim(claim, in: queue.outbox)
        } catch {
            context.discardClaim(claim.run)
            throw error
        }
        return claim
    }

    /// By the mode alone: what an access control list adds is not asked.
    private static func mayWrite(_ directory: Directory, _ user: UInt32) -> Bool {
        guard let status = try? directory.status() else { return false }
        if status.owner == user { return status.permissions & 0o300 == 0o300 }
        if UserDatabase.isUser(user, inGroup: status.group) { return status.permissions & 0o030 == 0o030 }
        return status.permissions & 0o003 == 0o003
    }
}
