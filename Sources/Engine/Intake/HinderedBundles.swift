internal import Runs
internal import Synchronization

/// The bundles that are claimed and cannot be taken over yet.
final class HinderedBundles: Sendable {
    private let runs = Mutex<Set<RunID>>([])

    var count: Int { runs.withLock { $0.count } }

    func add(_ run: RunID) { runs.withLock { _ = $0.insert(run) } }

    /// Whether it was one of them, and the last.
    func remove(_ run: RunID) -> Bool { runs.withLock { $0.remove(run) != nil && $0.isEmpty } }
}
