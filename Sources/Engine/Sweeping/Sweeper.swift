internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Sweeps at start, whenever it is time, when the settings change, and when somebody asks; one sweep at a time.
actor Sweeper {
    /// A sweep that somebody waits for.
    struct Wish: Sendable {
        let queue: QueueName?
        let isDry: Bool
        let tell: @Sendable (SweepLine) -> Void
        /// Called once: with what it came to, or why it came to nothing.
        let done: @Sendable (Result<SweepTotals, any Error>) -> Void
    }

    private let context: EngineContext
    private let pace: Pace
    private let environments: Environments
    private let unremovable = Unremovable()
    private let gate = SweepGate()
    private let wishes: AsyncStream<Wish?>
    private let wisher: AsyncStream<Wish?>.Continuation
    private var timer: Task<Void, Never>?
    /// Whether a sweep of everything waits already.
    private let isDue = Mutex(false)

    init(context: EngineContext, scheduler: Scheduler, environments: Environments) {
        self.context = context
        self.environments = environments
        pace = Pace(scheduler: scheduler)
        (wishes, wisher) = AsyncStream<Wish?>.makeStream()
    }

    /// Sweeps until `stop`.
    func run() async {
        for await wish in wishes {
            if wish == nil { isDue.withLock { $0 = false } }
            await sweep(wish)
            if wish == nil { setTimer() }
        }
        timer?.cancel()
        await timer?.value
    }

    /// Sweeps everything soon.
    nonisolated func sweepSoon() {
        let isNew = isDue.withLock { isDue in
            defer { isDue = true }
            return !isDue
        }
        if isNew { wisher.yield(nil) }
    }

    /// The settings were read again: a sweep by the old ones ends, and one by the new ones begins.
    nonisolated func settingsChanged() {
        gate.settingsChanged()
        sweepSoon()
    }

    nonisolated func sweep(for wish: Wish) {
        if case .terminated = wisher.yield(wish) { wish.done(.failure(CancellationError())) }
    }

    /// A sweep that is under way ends at its next step, and those that wait come to nothing.
    nonisolated func stop() {
        gate.stop()
        wisher.finish()
    }

    private func setTimer() {
        timer?.cancel()
        guard !gate.isStopping, let interval = context.settings.value.retention.sweepEvery else { return timer = nil }
        // Replaced with the next sweep, and awaited at the end.
        timer = Task { [weak self] in
            guard (try? await Task.sleep(for: .milliseconds(interval), clock: .suspending)) != nil else { return }
            self?.sweepSoon()
        }
    }

    private func sweep(_ wish: Wish?) async {
        do {
            let totals = try await sweepNow(wish)
            if wish?.isDry != true, totals != SweepTotals() {
                context.logger.notice(
                    "swept: \(totals.entries) in the spool (\(totals.bytes) bytes), \(totals.rows) rows of the history"
                )
            }
            wish?.done(.success(totals))
        } catch {
            if !(error is CancellationError) {
                context.logger.error("a sweep was cut off: \(error)")
            }
            wish?.done(.failure(error))
        }
    }

    private func sweepNow(_ wish: Wish?) async throws -> SweepTotals {
        let uptime = Uptime.now()
        let last = try await context.history.lastSweep()
        let now = SweepClock.now(wall: .now(), isKept: WallClock.isKept, uptime: uptime, last: last)
        let pace = Pace.OfSweep(pace: pace, gate: gate, settings: gate.settings)
        let sweep = Sweep(
            context: context, pace: pace, settings: context.settings.value, now: now, queue: wish?.queue,
            isDry: wish?.isDry ?? false, unremovable: unremovable, environments: environments
        ) { wish?.tell($0) }
        let (totals, left) = try await sweep.run()
        if sweep.isDry { return totals }
        try await context.history.setLastSweep(SweepClock.mark(now, uptime, last: last))
        if sweep.queue == nil { try await SpaceReport(context: context, pace: pace).write(left) }
        return totals
    }
}
