internal import History
internal import Logging
internal import Synchronization

/// Puts finished runs into the history, as many in one transaction as have come together.
///
/// A result is visible before it is remembered, and its record stays until it is, so waiting a moment costs nobody anything.
final class Rememberer: Sendable {
    private struct State {
        var waiting: [(HistoryRecord, CheckedContinuation<Bool, Never>)] = []
        var isWriting = false
        var hasGivenUp = false
        /// Whether more runs were under way when the last one came.
        var isBusy = false
    }

    private let history: HistoryWriter
    private let logger: Logger
    private let state = Mutex(State())
    /// How long a transaction waits for company while more runs are under way.
    private static let company = Duration.milliseconds(100)
    /// Between two tries of a transaction that fails: the disk may be full, a reader may hold the file.
    private static let patience = Duration.seconds(5)

    init(history: HistoryWriter, logger: Logger) {
        self.history = history
        self.logger = logger
    }

    /// Whether the run is in the history, durably, when it returns; false only while the daemon stops.
    func remember(_ record: HistoryRecord, isBusy: Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let mustStart = state.withLock { state in
                state.waiting.append((record, continuation))
                state.isBusy = isBusy
                if state.isWriting { return false }
                state.isWriting = true
                return true
            }
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

    /// No more waiting for a history that cannot be written: the daemon stops, and recovery will remember.
    func giveUp() { state.withLock { $0.hasGivenUp = true } }

    /// Whether the daemon stops.
    var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

    /// Tries until it is done: what is not remembered must not be forgotten either.
    private func write(_ records: [HistoryRecord]) async -> Bool {
        var isSaid = false
        while true {
            do {
                try await history.record(records)
                if isSaid { logger.notice("the history can be written again") }
                return true
            } catch {
                if state.withLock({ $0.hasGivenUp }) { return false }
                if !isSaid { logger.error("cannot write the history, will try again: \(error)") }
                isSaid = true
                try? await Task.sleep(for: Self.patience)
            }
        }
    }
}
