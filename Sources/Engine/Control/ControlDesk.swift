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
    private var paused: Set<QueueName> = []
    private var isDraining = false

    init(context: EngineContext, scheduler: Scheduler) {
        self.context = context
        self.scheduler = scheduler
        files = ControlFiles(context.spool.control)
    }

    /// Watches the directories; what cannot be watched is found by the rescan.
    func watch(with watcher: Watcher) async {
        do {
            try await watcher.watch(context.spool.control, as: EngineWatch.control, withRemovals: true)
            try await watcher.watch(files.cancelDirectory(), as: EngineWatch.cancel)
            try await watcher.watch(files.pauseDirectory(), as: EngineWatch.pause, withRemovals: true)
        } catch {
            context.logger.warning("cannot watch control/: \(error); what is asked there is found by the rescan")
        }
    }

    /// Reads everything again.
    func look() async {
        do {
            let paused = try files.pausedQueues()
            let isDraining = files.isDraining
            if paused != self.paused {
                let names = paused.sorted().map(\.description).joined(separator: ", ")
                context.logger.notice("paused queues: \(names.isEmpty ? "none" : names)")
            }
            if isDraining != self.isDraining {
                context.logger.notice("\(isDraining ? "draining: nothing new starts" : "no longer draining")")
            }
            self.paused = paused
            self.isDraining = isDraining
            await scheduler.setControl(paused: paused, isDraining: isDraining)
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

    private func cancel(_ wish: ControlFiles.Cancellation) async {
        seen[wish.run] = wish.asker
        let outcome = await scheduler.cancel(wish.run) { [context] owner in
            context.mayCancel(owner, wish.asker) ? context.owners.name(of: wish.asker) : nil
        }
        switch outcome {
        case .accepted(let asker): context.logger.notice("\(wish.run): cancelled by \(asker)")
        case .refused:
            let asker = context.owners.name(of: wish.asker)
            context.logger.warning("control/cancel/\(wish.run): \(asker) may not cancel another user's run")
            // Or the run's owner could not make a file of that name in a sticky directory.
            files.removeCancellation(of: wish.run)
        case .kept: await forgetIfOver(wish.run)
        }
    }

    /// A wish for a run that is over would stay for ever: it is taken away instead.
    private func forgetIfOver(_ run: RunID) async {
        // Without the history nothing is known of it, and the wish is kept.
        guard let known = try? await context.history.knows(run) else { return }
        context.logger.notice("\(run): is over already (\(known.state.rawValue)); there is nothing to cancel")
        await scheduler.forgetWish(run)
        files.removeCancellation(of: run)
    }
}

extension EngineContext {
    /// Whether `asker` may end a run of `owner`: the owner, the spool's admins, root.
    func mayCancel(_ owner: UInt32, _ asker: UInt32) -> Bool {
        asker == owner || asker == 0 || asker == spool.owner || UserDatabase.isUser(asker, inGroup: spool.adminGroup)
    }
}
