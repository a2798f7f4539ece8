internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool

/// Tells readers what the spool takes on disk.
struct SpaceReport: Sendable {
    let context: EngineContext

    /// - Parameter left: what the sweep that has just ended has left, which needs no further look.
    func write(_ left: Sweep.Left) async throws {
        var use = SpaceUse(measuredAt: .now())
        use.outbox = left.results
        use.archive = left.bundles
        use.inbox = try await context.launcher.measure(SpoolLayout.inbox, in: Place([]))
        use.active = try await context.launcher.measure(SpoolLayout.active, in: Place([]))
        // What is unfinished is shown in `active`, and lies in `state/runs`, too.
        use.active += try await context.launcher.measure(SpoolLayout.runs, in: Place([SpoolLayout.state]))
        use.environments = try await context.launcher.measure(
            SpoolLayout.environments, in: Place([SpoolLayout.state]))
        use.history = try await context.launcher.measure(SpoolLayout.history, in: Place([]))
        try use.write(in: context.spool.control)
    }
}
