internal import History
internal import Runs
internal import Synchronization

/// What the next run of each key is to be told. The history has it; here is what it has not written yet, so that a run that
/// starts the moment after another's result is out is told of that one.
///
/// Kept in this order: the result is published, the value is known here, the history remembers run and value in one transaction.
/// A crash in between repeats what the run did, and skips nothing.
final class Checkpoints: Sendable {
    private struct State {
        /// Keys of which the history has a value: most runs have none, and are not held up by a question.
        var known: Set<CheckpointKey> = []
        /// Published and perhaps not remembered yet, with the claim of the run.
        var fresh: [CheckpointKey: (value: String?, claim: Int64)] = [:]
    }

    private let state = Mutex(State())

    func load(_ keys: Set<CheckpointKey>) { state.withLock { $0.known.formUnion(keys) } }

    /// JSON text; nil if there is none.
    func value(of key: CheckpointKey, in mender: HistoryMender) async throws -> String? {
        let (fresh, isKnown) = state.withLock { ($0.fresh[key], $0.known.contains(key)) }
        if let fresh { return fresh.value }
        if !isKnown { return nil }
        return try await mender.ask { try await $0.checkpoint(key) }
    }

    /// A run's result is out.
    func published(_ record: HistoryRecord) {
        guard let checkpoint = Checkpoint(of: record) else { return }
        state.withLock { state in
            if let fresh = state.fresh[checkpoint.key], fresh.claim > checkpoint.claim { return }
            state.fresh[checkpoint.key] = (checkpoint.value, checkpoint.claim)
        }
    }

    /// The history has it by now.
    func remembered(_ record: HistoryRecord) {
        guard let checkpoint = Checkpoint(of: record) else { return }
        state.withLock { state in
            state.known.insert(checkpoint.key)
            if state.fresh[checkpoint.key]?.claim == checkpoint.claim { state.fresh[checkpoint.key] = nil }
        }
    }

    /// Somebody set it, and the history has it.
    ///
    /// - Parameter claim: the last there was: a run of that claim or before does not change it any more.
    func set(_ key: CheckpointKey, to value: String?, claim: Int64) {
        state.withLock { state in
            state.known.insert(key)
            state.fresh[key] = (value, claim)
        }
    }
}

extension CheckpointKey {
    /// Where a run of a bundle keeps its own.
    init(_ queue: QueueName, _ name: BundleName, _ manifest: Manifest) {
        self.init(queue: queue, key: manifest.checkpoint?.key ?? name.description)
    }
}
