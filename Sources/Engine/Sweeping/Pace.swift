internal import Runs

/// Lets a long work of small steps take its time: while something runs it works a fifth of the time, else all of it.
///
/// A sweep's pace goes through its gate: a step after which it must not go on throws.
struct Pace: Sendable {
    let scheduler: Scheduler

    /// The pace of one sweep.
    struct OfSweep: Sendable {
        let pace: Pace
        let gate: SweepGate
        let settings: Int

        var isFree: Bool { get async { await pace.isFree } }

        /// Whether it may go on at all.
        func check() throws { try gate.check(settings) }

        func rest(after start: SuspendingClock.Instant) async throws {
            try check()
            await pace.rest(after: start)
        }
    }

    /// Whether nobody waits for a result.
    var isFree: Bool { get async { await !scheduler.isBusy } }

    /// Rests after a step that began at `start`.
    func rest(after start: SuspendingClock.Instant) async {
        guard await scheduler.isBusy else { return }
        let took = SuspendingClock.now - start
        // A timer, not synchronisation: whoever it makes room for needs the disk and the launcher now.
        try? await Task.sleep(
            for: min(max(took * 4, Duration.milliseconds(1)), Duration.seconds(1)), clock: .suspending)
    }
}
