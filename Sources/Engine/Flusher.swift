internal import Linux
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Makes everything written so far durable, for as many runs at once as ask while the last flush is under way.
///
/// One `syncfs` serves them all: grouping is where durable throughput comes from, and it costs an idle daemon no waiting.
final class Flusher: Sendable {
    private struct State {
        var waiting: [CheckedContinuation<Errno?, Never>] = []
        var isFlushing = false
    }

    private let root: Directory
    private let state = Mutex(State())
    private let work: BlockingWorker

    init(root: Directory) throws(Errno) {
        self.root = root
        work = try BlockingWorker(name: "flush")
    }

    /// Returns when all that was written before the call is on disk.
    func flush() async throws(Errno) {
        let error = await withCheckedContinuation { continuation in
            let mustStart = state.withLock { state in
                state.waiting.append(continuation)
                if state.isFlushing { return false }
                state.isFlushing = true
                return true
            }
            if mustStart { work.submit { [self] in flushUntilNobodyWaits() } }
        }
        if let error { throw error }
    }

    private func flushUntilNobodyWaits() {
        while true {
            let group = state.withLock { state in
                let group = state.waiting
                state.waiting = []
                if group.isEmpty { state.isFlushing = false }
                return group
            }
            if group.isEmpty { return }
            var failure: Errno?
            do {
                try root.syncFilesystem()
            } catch {
                failure = error
            }
            for continuation in group { continuation.resume(returning: failure) }
        }
    }
}
