internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Sweeps at start, whenever it is time, when the settings change, and when somebody asks; one sweep at a time.
actor Sweeper {
    /// A sweep that somebody waits for.
    struct Wish: Sendable {
        let queue: QueueName?
        let isDry: Bool
        let tell: @Sendable (SweepLine) async -> Void
        /// Called once: with what it came to, or why it came to nothing.
        let done: @Sendable (Result<SweepTotals, any Error>) async -> Void
    }

    private let context: EngineContext
    private let pace: Pace
    private let unremovable = Unremovable()
    private let wishes: AsyncStream<Wish?>
    private let wisher: AsyncStream<Wish?>.Continuation
    private var timer: Task<Void, Never>?
    private var isStopping = false

    init(context: EngineContext, scheduler: Scheduler) {
        self.context = context
        pace = Pace(scheduler: scheduler)
        (wishes, wisher) = AsyncStream<Wish?>.makeStream()
    }

    /// Sweeps until `stop`.
    func run() async {
        for await wish in wishes {
            if isStopping {
                await wish?.done(.failure(CancellationError()))
                continue
            }
            await sweep(wish)
            if wish == nil { setTimer() }
        }
        timer?.cancel()
        await timer?.value
    }

    /// Sweeps everything soon: at start, and by settings that have changed.
    nonisolated func sweepSoon() { wisher.yield(nil) }

    nonisolated func sweep(for wish: Wish) { wisher.yield(wish) }

    /// A sweep that is under way ends at its next step.
    func stop() {
        isStopping = true
        timer?.cancel()
        wisher.finish()
    }

    private func setTimer() {
        timer?.cancel()
        guard !isStopping, let interval = context.settings.value.retention.sweepEvery else { return timer = nil }
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
            await wish?.done(.success(totals))
        } catch {
            if !(error is CancellationError) {
                context.logger.error("a sweep was cut off: \(error); the next one goes on")
            }
            await wish?.done(.failure(error))
        }
    }

    private func sweepNow(_ wish: Wish?) async throws -> SweepTotals {
        let uptime = SweepClock.Uptime.now()
        let last = try await context.history.lastSweep()
        let now = SweepClock.now(wall: .now(), uptime: uptime, last: last)
        let sweep = Sweep(
            context: context, pace: pace, settings: context.settings.value, now: now, queue: wish?.queue,
            isDry: wish?.isDry ?? false, unremovable: unremovable
        ) { [weak self] line in
            if await self?.isStopping != false { throw CancellationError() }
            await wish?.tell(line)
        }
        let (totals, left) = try await sweep.run()
        if sweep.isDry { return totals }
        try await context.history.setLastSweep(
            SweepMark(at: now, bootID: uptime.bootID, bootMilliseconds: uptime.milliseconds))
        if sweep.queue == nil { try await SpaceReport(context: context).write(left) }
        return totals
    }
}
