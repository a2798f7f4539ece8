internal import History
internal import Logging
internal import Synchronization

/// Writes the audit; what the history does not take at once is kept, in its order, and written later.
final class AuditNotes: Sendable {
    private struct State {
        var pending: [AuditEntry] = []
        var isRetrying = false
    }

    private let history: HistoryWriter
    private let hindrances: Hindrances
    private let logger: Logger
    private let state = Mutex(State())
    /// Entries kept in mind at most: somebody may go on asking while the history cannot be written.
    private static let most = 10_000

    init(history: HistoryWriter, hindrances: Hindrances, logger: Logger) {
        self.history = history
        self.hindrances = hindrances
        self.logger = logger
    }

    func add(_ entry: AuditEntry) async {
        let mustWait = state.withLock { state in
            if state.isRetrying, state.pending.count < Self.most { state.pending.append(entry) }
            return state.isRetrying
        }
        if mustWait { return }
        do {
            try await history.audit([entry])
        } catch {
            logger.warning(
                "cannot note in the audit yet that \(entry.user ?? "?") asked for \(entry.action.rawValue): \(error)")
            let mustStart = state.withLock { state in
                state.pending.append(entry)
                defer { state.isRetrying = true }
                return !state.isRetrying
            }
            // It ends when all is written, or the daemon stops.
            if mustStart { Task { await retry() } }
        }
    }

    private func retry() async {
        var backoff = Backoff()
        var mayWait = true
        while mayWait {
            mayWait = await hindrances.rest(backoff.step())
            let batch = state.withLock { state in
                if state.pending.isEmpty { state.isRetrying = false }
                return state.pending
            }
            if batch.isEmpty { return }
            do { try await history.audit(batch) } catch { continue }
            state.withLock { $0.pending.removeFirst(batch.count) }
        }
        let lost = state.withLock { $0.pending.count }
        if lost > 0 { logger.error("\(lost) entries of the audit could not be written and are lost") }
    }
}
