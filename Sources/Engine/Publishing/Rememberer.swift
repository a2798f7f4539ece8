// A run is remembered after its result is visible, and its record in `state/runs` stays until it is. So a history that cannot be
// written holds nobody up: from the first failure on, runs are only noted here by their ids, and remembered from their records
// when the history can be written again. After a restart recovery finds the same records.

internal import History
internal import Logging
internal import Runs
internal import Spool
internal import Synchronization

/// Puts finished runs into the history, as many in one transaction as have come together.
///
/// A result is visible before it is remembered, and its record stays until it is, so waiting a moment costs nobody anything.
final class Rememberer: Sendable {
    /// A run whose record waits in `state/runs`, and what the record does not say.
    struct Late: Sendable {
        let run: RunID
        let resultBytes: Int64?
    }

    private struct State {
        var waiting: [(HistoryRecord, CheckedContinuation<Bool, Never>)] = []
        var isWriting = false
        /// Whether more runs were under way when the last one came.
        var isBusy = false
        var late: [Late] = []
        var isCatchingUp = false
    }

    private let history: HistoryWriter
    private let hindrances: Hindrances
    private let logger: Logger
    private let state = Mutex(State())
    /// Remembers runs by their records, and puts these away.
    private let rememberLate = Mutex<(@Sendable ([Late]) async throws -> Void)?>(nil)
    /// How long a transaction waits for company while more runs are under way.
    private static let company = Duration.milliseconds(100)
    /// Runs in one late transaction.
    private static let batch = 200

    init(history: HistoryWriter, hindrances: Hindrances, logger: Logger) {
        self.history = history
        self.hindrances = hindrances
        self.logger = logger
    }

    /// How runs are remembered that could not be at once.
    func catchesUp(by action: @escaping @Sendable ([Late]) async throws -> Void) {
        rememberLate.withLock { $0 = action }
    }

    /// Whether the run is in the history, durably, when it returns. If not, its record is to stay: it is remembered later.
    func remember(_ record: HistoryRecord, isBusy: Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let (mustStart, isLate) = state.withLock { state in
                if state.isCatchingUp {
                    state.late.append(Late(run: record.status.run, resultBytes: record.resultBytes))
                    return (false, true)
                }
                state.waiting.append((record, continuation))
                state.isBusy = isBusy
                if state.isWriting { return (false, false) }
                state.isWriting = true
                return (true, false)
            }
            if isLate { return continuation.resume(returning: false) }
            if mustStart {
                // It ends when nobody waits, and everybody who waits is awaited: no task is left behind.
                Task { await writeUntilNobodyWaits() }
            }
        }
    }

    private func writeUntilNobodyWaits() async {
        while true {
            // A timer, not synchronisation: what comes within it shares the transaction.
            if state.withLock({ $0.isBusy }) { try? await Task.sleep(for: Self.company, clock: .suspending) }
            let group = state.withLock { state in
                let group = state.waiting
                state.waiting = []
                if group.isEmpty { state.isWriting = false }
                return group
            }
            if group.isEmpty { return }
            let isWritten = await write(group.map(\.0))
            for (_, continuation) in group { continuation.resume(returning: isWritten) }
        }
    }

    private func write(_ records: [HistoryRecord]) async -> Bool {
        do {
            try await history.record(records)
            return true
        } catch {
            hindrances.begin(.remembering, "\(error)", advice: "results are published all the same")
            let mustStart = state.withLock { state in
                state.late += records.map { Late(run: $0.status.run, resultBytes: $0.resultBytes) }
                defer { state.isCatchingUp = true }
                return !state.isCatchingUp
            }
            // It ends when all is remembered, or the daemon stops: then the next one finds the records.
            if mustStart { Task { await catchUp() } }
            return false
        }
    }

    private func catchUp() async {
        var backoff = Backoff()
        while await hindrances.rest(backoff.step()) {
            while true {
                let batch = state.withLock { state in
                    if state.late.isEmpty { state.isCatchingUp = false }
                    return Array(state.late.prefix(Self.batch))
                }
                if batch.isEmpty { return hindrances.end(.remembering) }
                do {
                    let remember = rememberLate.withLock { $0 }
                    try await remember?(batch)
                } catch {
                    logger.debug("cannot write the history yet: \(error)")
                    break
                }
                state.withLock { $0.late.removeFirst(batch.count) }
            }
        }
    }
}
