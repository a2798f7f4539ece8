internal import Synchronization

/// Calls something at a time that can be moved earlier; one timer for however many things are due.
final class Alarm: Sendable {
    private struct State {
        var time: SuspendingClock.Instant?
        var sleeper: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let action: @Sendable () async -> Void

    init(action: @escaping @Sendable () async -> Void) { self.action = action }

    /// Asks to be called at a time, or earlier if that was asked for before.
    func set(_ time: SuspendingClock.Instant) {
        state.withLock { state in
            guard !state.isCancelled else { return }
            if let old = state.time, old <= time { return }
            state.sleeper?.cancel()
            state.time = time
            // Not awaited by anybody: it is cancelled by `cancel`, and what it calls checks whether it still should.
            state.sleeper = Task { [weak self] in
                guard (try? await Task.sleep(until: time, clock: .suspending)) != nil else { return }
                await self?.ring(time)
            }
        }
    }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.sleeper?.cancel()
        }
    }

    private func ring(_ time: SuspendingClock.Instant) async {
        let isDue = state.withLock { state in
            guard state.time == time, !state.isCancelled else { return false }
            state.time = nil
            return true
        }
        if isDue { await action() }
    }
}
