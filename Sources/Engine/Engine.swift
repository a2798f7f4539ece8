internal import Bundles
internal import Glibc
public import History
public import Linux
public import Logging
public import Runs
public import Sandbox
public import ServiceLifecycle
public import Spool
public import SystemPackage
internal import Watch

/// The daemon's stations, wired together, as one service: it runs until a graceful shutdown, then ends what runs and returns.
public struct Engine: Service {
    /// What the command line decides over the settings.
    public struct Options: Sendable {
        /// Runs at a time, whatever the settings say.
        public var slots: Int?
        /// Milliseconds that running work gets at a shutdown before it is interrupted.
        public var stopTimeout: Int64
        /// How long what was thrown away lies in `state/trash` before it is deleted.
        public var trashPatience = Duration.seconds(45)

        public init(slots: Int?, stopTimeout: Int64) {
            self.slots = slots
            self.stopTimeout = stopTimeout
        }
    }

    private let context: EngineContext
    private let options: Options
    private let rememberer: Rememberer
    private let watcher: Watcher
    private let reloads: AsyncStream<Void>
    private let reloader: AsyncStream<Void>.Continuation

    /// Takes over an opened and locked spool.
    ///
    /// - Parameters:
    ///   - unpacker: the program that unpacks archives, opened.
    ///   - validator: the one that checks JSON against schemas.
    public init(
        spool: Spool, launcher: Launcher, history: HistoryWriter, settings: Settings, unpacker: SharedDescriptor,
        validator: SharedDescriptor,
        options: Options, logger: Logger
    ) throws {
        // The watcher's descriptor must be a low one: it comes first.
        // In memory: a filesystem that is read-only for the moment would not let it be touched.
        watcher = try Watcher(wakeFile: SealedMemory.make([], name: "wake"))
        let trash = Trash(spool: spool, launcher: launcher, patience: options.trashPatience, logger: logger)
        let hindrances = Hindrances(control: spool.control, logger: logger)
        hindrances.whenFull { trash.emptySoon() }
        context = EngineContext(
            spool: spool, launcher: launcher, history: history, flusher: try Flusher(spool: spool),
            pump: try OutputPump(hindrances: hindrances), settings: LiveSettings(settings),
            queues: QueueDirectories(spool: spool, launcher: launcher), links: LinkRegistry(), owners: OwnerNames(),
            unpacker: unpacker, validator: validator, trash: trash, hindrances: hindrances,
            audits: AuditNotes(history: history, hindrances: hindrances, logger: logger),
            checkpoints: Checkpoints(),
            mender: HistoryMender(spool: spool, history: history, hindrances: hindrances, logger: logger),
            worker: try BlockingWorker(name: "asking"), logger: logger)
        self.options = options
        rememberer = Rememberer(history: history, hindrances: hindrances, logger: logger)
        (reloads, reloader) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Replaces the settings; what runs keeps those that it began with.
    public func reload(_ settings: Settings) {
        context.settings.replace(with: settings)
        reloader.yield()
    }

    public func run() async throws {
        let (context, rememberer) = (context, rememberer)
        do {
            // What the start waits for, it waits for until it is told to stop.
            try await withGracefulShutdownHandler {
                try await context.mender.open()
            } onGracefulShutdown: {
                context.hindrances.stop()
            }
        } catch is CancellationError { return }
        try await Trial(context: context).run()
        let running = RunningRuns()
        let publisher = Publisher(context: context, rememberer: rememberer)
        rememberer.catchesUp { try await publisher.remember(late: $0) }
        let environments = Environments(context: context)
        let scheduler = Scheduler(
            context: context, runner: Runner(context: context, running: running), publisher: publisher,
            environments: environments, slots: options.slots)
        let recovery = Recovery(context: context)
        let found = try await recovery.read()
        let lastKnown = try await context.mender.ask { try await $0.lastClaim() }
        let last = max(found.highestSequence, lastKnown ?? 0)
        context.checkpoints.load(try await context.mender.ask { try await $0.checkpointKeys() })
        let sequence = ClaimCounter(next: last + 1)
        let intake = Intake(context: context, scheduler: scheduler, watcher: watcher, sequence: sequence)
        let sweeper = Sweeper(context: context, scheduler: scheduler, environments: environments)
        context.trash.yields(by: Pace(scheduler: scheduler))
        let replayer = Replayer(context: context, sequence: sequence, scheduler: scheduler, intake: intake)
        let requests = RequestDesk(
            context: context,
            work: RequestWork(
                context: context, sweeper: sweeper, replayer: replayer, environments: environments, claims: sequence))
        let desk = ControlDesk(context: context, scheduler: scheduler)

        async let scheduling: Void = scheduler.run()
        async let building: Void = environments.run()
        async let claiming: Void = intake.claimWhatIsReady()
        async let listening: Void = listen(intake, desk, requests)
        async let looking: Void = keepLooking(intake, desk, requests, scheduler, sweeper)
        async let minding: Void = desk.run()
        async let sweeping: Void = sweeper.run()
        async let answering: Void = requests.run()
        async let mending: Void = context.mender.run(context)

        // What is paused must be known before anything starts.
        await desk.look()
        for next in found.continuations { await resume(next, scheduler, intake, publisher) }
        await desk.watch(with: watcher)
        await desk.look()
        requests.lookSoon()
        await intake.scan()
        context.trash.expect()
        sweeper.sweepSoon()
        context.logger.notice("ready: \(context.spool.path)")

        let isLauncherGone = await waitForEnd()
        await intake.stop()
        await requests.stop()
        sweeper.stop()
        desk.stop()
        await scheduler.stopStarting()
        await environments.stop()
        if !isLauncherGone {
            context.logger.notice("stopping: what runs has \(DurationText.text(options.stopTimeout)) to end")
        }
        // From here on what the disk or the history refuses is left to the next start: its record stays.
        context.hindrances.stop()
        context.mender.stop()
        async let ending: Void = end(scheduler, running, gracePeriod: isLauncherGone ? 0 : options.stopTimeout)
        await claiming
        await ending
        // What was still being judged may have been rejected since.
        await scheduler.waitUntilIdle()
        context.trash.stop()
        watcher.stop()
        reloader.finish()
        await scheduler.finish()
        _ = await (scheduling, building, listening, looking, minding, sweeping, answering, mending)
        if isLauncherGone { throw EngineError.launcherGone }
        context.logger.notice("stopped")
    }

    /// Returns when the daemon is to stop; true if that is because nothing can be run any more.
    private func waitForEnd() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await gracefulShutdown()
                return false
            }
            group.addTask {
                await context.launcher.waitUntilGone()
                return !Task.isCancelled
            }
            let isGone = await group.next() ?? false
            group.cancelAll()
            return isGone
        }
    }

    /// Lets running work end by itself for a while, then ends it as interrupted.
    private func end(_ scheduler: Scheduler, _ running: RunningRuns, gracePeriod: Int64) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await scheduler.waitUntilIdle() }
            group.addTask {
                // A timer: cancelled if everything ends before.
                if (try? await Task.sleep(for: .milliseconds(gracePeriod), clock: .suspending)) != nil {
                    running.interruptAll()
                }
                await scheduler.waitUntilIdle()
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func listen(_ intake: Intake, _ desk: ControlDesk, _ requests: RequestDesk) async {
        for await hint in watcher.hints {
            switch hint {
            case .renamedIn(let directory, _), .changed(let directory, _), .gone(let directory):
                if directory == EngineWatch.requests {
                    requests.lookSoon()
                } else if EngineWatch.ofControl.contains(directory) {
                    desk.lookSoon()
                } else {
                    await intake.handle(hint)
                }
            case .overflow:
                context.logger.notice("events were lost; looking at everything")
                desk.lookSoon()
                requests.lookSoon()
                await intake.handle(hint)
            }
        }
    }

    /// Looks at everything every `intake.rescan`, if it is set, until there are no more reloads: correctness hangs on no event.
    private func keepLooking(
        _ intake: Intake, _ desk: ControlDesk, _ requests: RequestDesk, _ scheduler: Scheduler, _ sweeper: Sweeper
    ) async {
        // Cancelled and begun again when the settings change, and awaited at the end.
        var rescans = Task { await rescan(intake, desk, requests, scheduler) }
        for await _ in reloads {
            rescans.cancel()
            await rescans.value
            await scheduler.settingsChanged()
            await intake.scan()
            sweeper.settingsChanged()
            rescans = Task { await rescan(intake, desk, requests, scheduler) }
        }
        rescans.cancel()
        await rescans.value
    }

    private func rescan(
        _ intake: Intake, _ desk: ControlDesk, _ requests: RequestDesk, _ scheduler: Scheduler
    ) async {
        guard let interval = context.settings.value.intake.rescan else { return }
        while (try? await Task.sleep(for: .milliseconds(interval), clock: .suspending)) != nil {
            desk.lookSoon()
            requests.lookSoon()
            await intake.scan()
            await scheduler.reconsider()
        }
    }

    private func resume(
        _ next: Recovery.Continuation, _ scheduler: Scheduler, _ intake: Intake, _ publisher: Publisher
    ) async {
        switch next {
        case .accept(let claimed): await scheduler.resume { await intake.resume(claimed) }
        case .wait(let job): await scheduler.submit(job)
        case .retry(let job):
            await scheduler.resume {
                do {
                    if let last = job.earlier.last { try await AttemptShelf(context: context).put(last, away: job) }
                } catch {
                    // What readers see is a copy; the next attempt makes its own files in any case.
                    context.logger.warning("\(job.run): cannot show that it waits for another attempt: \(error)")
                }
                await scheduler.submit(job)
            }
        case .publish(let ended): await scheduler.publish(ended)
        case .takeAgain(let job, let then):
            await scheduler.resume {
                // nil: the daemon stops, and the next one finds it without a bundle, as this one did.
                guard let isWhole = await intake.takeAgain(job) else { return }
                await resume(isWhole ? then : then.withoutBundle, scheduler, intake, publisher)
            }
        case .finish(let ended):
            await scheduler.resume {
                await publisher.untilItIsDone(ended.claim.run) {
                    try await publisher.finish(ended, ended.status, company: .running)
                }
            }
        }
    }
}

/// Why the daemon cannot go on.
public enum EngineError: Error, Sendable, CustomStringConvertible {
    case launcherGone
    /// The spool's filesystem cannot be an overlay's upper layer.
    case unsuitableFilesystem(Errno)

    public var description: String {
        switch self {
        case .unsuitableFilesystem(let error):
            "the spool is on a filesystem that overlayfs cannot write to (\(error)); put it on ext4, xfs, btrfs or tmpfs, not on"
                + " NFS, FUSE or another overlay"
        case .launcherGone: "the launcher and its keeper are gone; nothing can be run; start bobbind again"
        }
    }
}
