internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Spool
internal import SystemPackage
internal import Watch

/// Reads what users ask for in `control/` and passes it on, if they may ask.
actor ControlDesk {
    private let context: EngineContext
    private let scheduler: Scheduler
    private let files: ControlFiles
    /// Cancellations that were passed on or refused; a file that goes is forgotten, so that it can come again.
    private var seen: [RunID: UInt32] = [:]
    /// What was held when it last looked; before that, when the last daemon did.
    private var holds: Holds

    private let looks: AsyncStream<Void>
    private let looker: AsyncStream<Void>.Continuation

    init(context: EngineContext, scheduler: Scheduler) {
        self.context = context
        self.scheduler = scheduler
        (looks, looker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        files = ControlFiles(context.spool.control)
        do {
            holds = try context.spool.lastHolds()
        } catch {
            context.logger.warning("state/holds cannot be read: \(error); what is paused now counts as new")
            holds = Holds()
        }
    }

    /// Watches the directories; what cannot be watched is found by the rescan.
    func watch(with watcher: Watcher) async {
        do {
            try await watcher.watch(context.spool.control, as: EngineWatch.control, withRemovals: true)
            try await watcher.watch(files.cancelDirectory(), as: EngineWatch.cancel)
            try await watcher.watch(files.pauseDirectory(), as: EngineWatch.pause, withRemovals: true)
            try await watcher.watch(files.requestsDirectory(), as: EngineWatch.requests)
        } catch {
            context.logger.warning("cannot watch control/: \(error); what is asked there is found by the rescan")
        }
    }

    /// Something may have changed; drops do not wait until it is read.
    nonisolated func lookSoon() { looker.yield() }

    /// Looks whenever something may have changed, until `stop`.
    func run() async { for await _ in looks { await look() } }

    nonisolated func stop() { looker.finish() }

    /// Reads everything again.
    func look() async {
        do {
            let now = try files.holds()
            await scheduler.setControl(paused: Set(now.paused.keys), isDraining: now.drain != nil)
            if now != holds { await note(now) }
            let wishes = try files.cancellations()
            let present = Set(wishes.map(\.run))
            for run in seen.keys where !present.contains(run) {
                // Taken back, or granted: either way there is nothing to wait for.
                seen[run] = nil
                await scheduler.forgetWish(run)
            }
            for wish in wishes where seen[wish.run] != wish.asker { await cancel(wish) }
        } catch {
            context.logger.error("cannot read control/: \(error); mend its mode or owner")
        }
    }

    /// Says, and notes in the audit, what is held now and was not before, and what is no more; who took it away is not known.
    private func note(_ now: Holds) async {
        let before = holds
        holds = now
        let names = now.paused.keys.sorted().map(\.description).joined(separator: ", ")
        if now.paused != before.paused { context.logger.notice("paused queues: \(names.isEmpty ? "none" : names)") }
        for (queue, user) in now.paused where before.paused[queue] != user {
            await context.audit(.pause, by: user, queue: queue, "done")
        }
        for queue in before.paused.keys where now.paused[queue] == nil {
            await context.audit(.resume, by: nil, queue: queue, "done")
        }
        if now.drain != before.drain {
            context.logger.notice("\(now.drain != nil ? "draining: nothing new starts" : "no longer draining")")
            await context.audit(now.drain != nil ? .drain : .undrain, by: now.drain, "done")
        }
        do {
            try context.spool.remember(now)
        } catch {
            context.logger.warning("state/holds cannot be written: \(error)")
        }
    }

    private func cancel(_ wish: ControlFiles.Cancellation) async {
        seen[wish.run] = wish.asker
        let outcome = await scheduler.cancel(wish.run) { [context] owner in
            context.mayCancel(owner, wish.asker) ? context.owners.name(of: wish.asker) : nil
        }
        switch outcome {
        case .accepted(let asker):
            context.logger.notice("\(wish.run): cancelled by \(asker)")
            await context.audit(.cancel, by: wish.asker, run: wish.run, "done")
        case .refused:
            let asker = context.owners.name(of: wish.asker)
            context.logger.warning("control/cancel/\(wish.run): \(asker) may not cancel another user's run")
            await context.audit(.cancel, by: wish.asker, run: wish.run, "refused")
            // Or the run's owner could not make a file of that name in a sticky directory.
            files.removeCancellation(of: wish.run)
        case .kept: await forgetIfOver(wish.run, by: wish.asker)
        }
    }

    /// A wish for a run that is over would stay for ever: it is taken away instead.
    private func forgetIfOver(_ run: RunID, by asker: UInt32) async {
        // Without the history nothing is known of it, and the wish is kept.
        guard let known = try? await context.history.knows(run) else {
            return await context.audit(.cancel, by: asker, run: run, "kept")
        }
        context.logger.notice("\(run): is over already (\(known.state.rawValue)); there is nothing to cancel")
        await scheduler.forgetWish(run)
        files.removeCancellation(of: run)
    }
}

extension EngineContext {
    /// Whether `asker` may end a run of `owner`: the owner, the spool's admins, root.
    func mayCancel(_ owner: UInt32, _ asker: UInt32) -> Bool { asker == owner || isAdmin(asker) }

    /// Whether a user may ask for what concerns all: root, the spool's owner, the members of its group.
    func isAdmin(_ asker: UInt32) -> Bool {
        asker == 0 || asker == spool.owner || UserDatabase.isUser(asker, inGroup: spool.adminGroup)
    }
}
