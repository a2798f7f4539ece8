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
        /// The number of the flush that began last.
        var begun: Int64 = 0
        /// Whether somebody waits for a flush that a power cut must not leave in doubt.
        var wantsMark = false
    }

    private let sync: @Sendable () throws(Errno) -> Void
    private let mark: @Sendable (Int64) throws(Errno) -> Void
    private let state = Mutex(State())
    private let work: BlockingWorker

    convenience init(spool: Spool) throws(Errno) {
        let file = spool.flushMarkFile()
        let bootID = Uptime.now().bootID
        try self.init { () throws(Errno) in
            try spool.root.syncFilesystem()
        } mark: { number throws(Errno) in
            try file.write(FlushMark(bootID: bootID, flushes: number))
        }
    }

    /// - Parameters:
    ///   - sync: Makes everything written so far durable; it may block.
    ///   - mark: Leaves the number of a flush that has ended on disk; it may block.
    init(
        sync: @escaping @Sendable () throws(Errno) -> Void,
        mark: @escaping @Sendable (Int64) throws(Errno) -> Void = { _ throws(Errno) in }
    ) throws(Errno) {
        self.sync = sync
        self.mark = mark
        work = try BlockingWorker(name: "flush")
    }

    /// How many wait for a flush to begin.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// The number of the next flush to begin, which covers all that was written before this was asked.
    var next: Int64 { state.withLock { $0.begun + 1 } }

    /// The first flush: numbers go on where those of the records end, and the mark says that this boot's records are believed.
    ///
    /// Call it when what a power cut left in doubt is settled, and before anything else is flushed.
    func begin(after number: Int64) async throws(Errno) {
        state.withLock { $0.begun = max($0.begun, number) }
        try await flush(isMarked: true)
    }

    /// Returns when all that was written before the call is on disk.
    ///
    /// - Parameters:
    ///   - patience: How long to wait for a flush that begins anyway; nil: it is urgent.
    ///   - isMarked: Whether its number is on disk, too, on return: that is how recovery knows of it after a power cut.
    func flush(patience: Duration? = nil, isMarked: Bool = false) async throws(Errno) {
        let isUrgent = patience == nil
        let error = await withCheckedContinuation { continuation in
            let (mustStart, needsTimer) = state.withLock { state in
                state.waiting.append(continuation)
                if isUrgent { state.isUrgent = true }
                if isMarked { state.wantsMark = true }
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
            let (group, number, isMarked): ([CheckedContinuation<Errno?, Never>], Int64, Bool) = state.withLock {
                state in
                guard state.isUrgent else {
                    state.isFlushing = false
                    return ([], 0, false)
                }
                state.isUrgent = false
                let group = state.waiting
                state.waiting = []
                if group.isEmpty { state.isFlushing = false }
                state.begun += 1
                defer { state.wantsMark = false }
                return (group, state.begun, state.wantsMark)
            }
            if group.isEmpty { return }
            var failure: Errno?
            do {
                try sync()
                if isMarked { try mark(number) }
            } catch {
                failure = error
            }
            for continuation in group { continuation.resume(returning: failure) }
        }
    }
}
