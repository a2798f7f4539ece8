internal import Linux
internal import Runs
internal import Runtimes

/// What a run is given so that its script finds what it needs.
struct PreparedEnvironment: Sendable {
    /// Its directory in `state/environments`; nil if nothing had to be installed.
    var name: EntryName?
    var interpreter: Command.Interpreter?
    /// What status.json says of it.
    var status: RunEnvironment
}

/// What became of a run's wish for one.
enum Preparation: Sendable {
    /// - Parameter waited: whether its readers were told that it waits.
    case ready(PreparedEnvironment, waited: Bool)
    /// There is none, and why; with what the builder said, if one was at work.
    case failed(String, output: [UInt8])
    /// The run wants it no longer, or the daemon stops: its record says how it goes on.
    case dropped
}

extension Manifest {
    /// Whether it asks for anything that a run of it must be given before it can start.
    var needsPreparation: Bool { python != nil || !requirements.isEmpty || !packages.isEmpty }
}
