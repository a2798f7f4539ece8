internal import Runs
internal import Synchronization

/// The runs whose sandbox is alive, so that whoever wants one ended can reach its supervisor.
final class RunningRuns: Sendable {
    private struct State {
        var supervisors: [RunID: AsyncStream<Supervision.Event>.Continuation] = [:]
        /// Reasons that hold for every run, also for one that is just about to begin.
        var isStopping = false
    }

    private let state = Mutex(State())

    /// Begins supervision: what happens to the run from now on comes out of the stream.
    func begin(_ run: RunID) -> AsyncStream<Supervision.Event> {
        let (stream, continuation) = AsyncStream<Supervision.Event>.makeStream()
        let isStopping = state.withLock { state in
            state.supervisors[run] = continuation
            return state.isStopping
        }
        if isStopping { continuation.yield(.end(.interrupted)) }
        return stream
    }

    func tell(_ run: RunID, _ event: Supervision.Event) {
        _ = state.withLock { $0.supervisors[run] }?.yield(event)
    }

    func end(_ run: RunID) {
        state.withLock { $0.supervisors.removeValue(forKey: run) }?.finish()
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
