internal import Synchronization

/// What could not be removed: said once, however often it is tried again.
final class Unremovable: Sendable {
    private let paths = Mutex<Set<String>>([])
    /// A spool with more of them has other worries than being told twice.
    private static let most = 10_000

    /// Whether it is to be said.
    func isNew(_ path: String) -> Bool {
        paths.withLock { paths in
            if paths.count >= Self.most { paths = [] }
            return paths.insert(path).inserted
        }
    }

    func forget(_ path: String) { paths.withLock { _ = $0.remove(path) } }
}
