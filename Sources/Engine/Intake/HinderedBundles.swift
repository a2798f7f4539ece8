internal import Runs
internal import Synchronization

/// The bundles that are claimed and cannot be taken over yet.
final class HinderedBundles: Sendable {
    private let runs = Mutex<Set<RunID>>([])

    var count: Int { runs.withLock { $0.count } }

    func contains(_ run: RunID) -> Bool { runs.withLock { $0.contains(run) } }

    func add(_ run: RunID) { runs.withLock { _ = $0.insert(run) } }

    /// Whether it was the last one.
    func remove(_ run: RunID) -> Bool {
        runs.withLock { runs in
            runs.remove(run) != nil && runs.isEmpty
        }
    }
}
