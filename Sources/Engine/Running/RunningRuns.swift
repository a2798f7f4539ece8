internal import Runs
internal import Synchronization

/// The runs whose turn has come, so that whoever wants one ended can reach its supervisor, now or as soon as there is one.
final class RunningRuns: Sendable {
    private struct State {
        var supervisors: [RunID: AsyncStream<Supervision.Event>.Continuation] = [:]
        /// What supervision will read, of runs whose turn has come and whose sandbox is still to be made.
        var waiting: [RunID: AsyncStream<Supervision.Event>] = [:]
        /// Reasons that hold for every run, also for one that is just about to begin.
        var isStopping = false
    }

    private let state = Mutex(State())

    /// The run's turn has come: what it is told from now on is kept for its supervision.
    func expect(_ run: RunID) {
        let (stream, continuation) = AsyncStream<Supervision.Event>.makeStream()
        let isStopping = state.withLock { state in
            state.supervisors[run] = continuation
            state.waiting[run] = stream
            return state.isStopping
        }
        if isStopping { continuation.yield(.end(.interrupted)) }
    }

    /// Begins supervision: what the run was and will be told comes out of the stream.
    func begin(_ run: RunID) -> AsyncStream<Supervision.Event> {
        if let stream = state.withLock({ $0.waiting.removeValue(forKey: run) }) { return stream }
        expect(run)
        return begin(run)
    }

    func tell(_ run: RunID, _ event: Supervision.Event) {
        _ = state.withLock { $0.supervisors[run] }?.yield(event)
    }

    func end(_ run: RunID) {
        state.withLock { state in
            state.waiting[run] = nil
            return state.supervisors.removeValue(forKey: run)
        }?.finish()
    }

    /// Ends all that run, as interrupted.
    func interruptAll() {
        let all = state.withLock { state in
            state.isStopping = true
            return Array(state.supervisors.values)
        }
        for continuation in all { continuation.yield(.end(.interrupted)) }
    }
}
