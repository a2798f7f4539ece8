internal import Runs

/// Lets a long work of small steps take its time: while something runs it works a fifth of the time, else all of it.
struct Pace: Sendable {
    let scheduler: Scheduler

    /// Whether nobody waits for a result.
    var isFree: Bool { get async { await !scheduler.isBusy } }

    /// Rests after a step that began at `start`.
    func rest(after start: SuspendingClock.Instant) async {
        guard await scheduler.isBusy else { return }
        let took = SuspendingClock.now - start
        // A timer, not synchronisation: whoever it makes room for needs the disk and the launcher now.
        try? await Task.sleep(
            for: min(max(took * 4, Duration.milliseconds(1)), Duration.milliseconds(100)), clock: .suspending)
    }
}
