internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool

/// Tells readers what the spool takes on disk.
struct SpaceReport: Sendable {
    let context: EngineContext
    let pace: Pace.OfSweep

    /// - Parameter left: what the sweep that has just ended has left, which needs no further look.
    func write(_ left: Sweep.Left) async throws {
        var use = SpaceUse(measuredAt: .now())
        use.outbox = left.results
        use.archive = left.bundles
        use.inbox = try await measure(SpoolLayout.inbox)
        // What is unfinished is shown in `active`, and lies in `state/runs`, too.
        use.active = try await measure(SpoolLayout.active) + measure(SpoolLayout.runs, in: [SpoolLayout.state])
        use.environments = try await measure(SpoolLayout.environments, in: [SpoolLayout.state])
        use.history = try await measure(SpoolLayout.history)
        try use.write(in: context.spool.control)
    }

    private func measure(_ name: EntryName, in place: [EntryName] = []) async throws -> Int64 {
        try pace.check()
        return try await context.launcher.measure(name, in: Place(place))
    }
}
