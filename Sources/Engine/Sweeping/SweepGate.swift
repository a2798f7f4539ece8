internal import Runs
internal import Synchronization

/// Ends a sweep that is under way: the daemon stops, or what it sweeps by does not hold any more.
final class SweepGate: Sendable {
    private struct State {
        var isStopping = false
        var settings = 0
    }

    private let state = Mutex(State())

    /// No sweep goes on, and none begins.
    func stop() { state.withLock { $0.isStopping = true } }

    /// What was decided by the old settings is not done any more.
    func settingsChanged() { state.withLock { $0.settings += 1 } }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Which settings hold now, to be asked about with `check`.
    var settings: Int { state.withLock { $0.settings } }

    func check(_ settings: Int) throws {
        let now = state.withLock { $0 }
        if now.isStopping { throw CancellationError() }
        if now.settings != settings { throw SweepSuperseded() }
    }
}

/// The settings were read again while it swept.
struct SweepSuperseded: Error, CustomStringConvertible {
    var description: String { "bobbin.yaml was read again meanwhile, and it is swept by the new settings; ask again" }
}
