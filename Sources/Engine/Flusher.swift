internal import Linux
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Makes everything written so far durable, for as many runs at once as ask while the last flush is under way.
///
/// One `syncfs` serves them all: grouping is where durable throughput comes from. What is urgent, a run that has its slot and must
/// not start before its record is on disk, begins a flush at once; what is not, a result while others are under way, waits a few
/// milliseconds for one to ride along with. An idle daemon never waits.
final class Flusher: Sendable {
    private struct State {
        var waiting: [CheckedContinuation<Errno?, Never>] = []
        var isFlushing = false
        /// Whether somebody waits who must not wait for company.
        var isUrgent = false
        /// Whether the timer for those who can wait is running.
        var hasTimer = false
    }

    private let sync: @Sendable () throws(Errno) -> Void
    private let state = Mutex(State())
    private let work: BlockingWorker

    convenience init(root: Directory) throws(Errno) {
        try self.init { () throws(Errno) in try root.syncFilesystem() }
    }

    /// - Parameter sync: makes everything written so far durable; it may block.
    init(sync: @escaping @Sendable () throws(Errno) -> Void) throws(Errno) {
        self.sync = sync
        work = try BlockingWorker(name: "flush")
    }

    /// How many wait for a flush to begin.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Returns when all that was written before the call is on disk.
    ///
    /// - Parameter patience: how long to wait for a flush that begins anyway; nil: it is urgent.
    func flush(patience: Duration? = nil) async throws(Errno) {
        let isUrgent = patience == nil
        let error = await withCheckedContinuation { continuation in
            let (mustStart, needsTimer) = state.withLock { state in
                state.waiting.append(continuation)
                if isUrgent { state.isUrgent = true }
                let needsTimer = !isUrgent && !state.hasTimer
                if needsTimer { state.hasTimer = true }
                if state.isFlushing || !isUrgent { return (false, needsTimer) }
                state.isFlushing = true
                return (true, needsTimer)
            }
            if mustStart { work.submit { [self] in flushWhileSomebodyCannotWait() } }
            // It ends by itself, and whoever it is for is awaited: no task is left behind.
            if needsTimer, let patience { Task { await end(patience) } }
        }
        if let error { throw error }
    }

    private func end(_ patience: Duration) async {
        // A timer for company, not synchronisation. A cancelled one is only early.
        try? await Task.sleep(for: patience, clock: .suspending)
        let mustStart = state.withLock { state in
            state.hasTimer = false
            if state.waiting.isEmpty { return false }
            state.isUrgent = true
            if state.isFlushing { return false }
            state.isFlushing = true
            return true
        }
        if mustStart { work.submit { [self] in flushWhileSomebodyCannotWait() } }
    }

    private func flushWhileSomebodyCannotWait() {
        while true {
            let group: [CheckedContinuation<Errno?, Never>] = state.withLock { state in
                guard state.isUrgent else {
                    state.isFlushing = false
                    return []
                }
                state.isUrgent = false
                let group = state.waiting
                state.waiting = []
                if group.isEmpty { state.isFlushing = false }
                return group
            }
            if group.isEmpty { return }
            var failure: Errno?
            do {
                try sync()
            } catch {
                failure = error
            }
            for continuation in group { continuation.resume(returning: failure) }
        }
    }
}
