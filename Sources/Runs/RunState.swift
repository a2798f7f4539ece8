/// Where a run is on its way. The word is the same in `state`, status.json, the database and the commands.
public enum RunState: String, Sendable, Hashable, CaseIterable {
    case queued, preparing, running

    case rejected
    case invalidInput = "invalid_input"
    case errored, cancelled, interrupted
    case timedOut = "timed_out"
    case outOfMemory = "out_of_memory"
    case limitExceeded = "limit_exceeded"
    case killed, failed
    case invalidOutput = "invalid_output"
    case succeeded

    /// Whether nothing can change any more. If several final states apply, the first in the order above counts.
    public var isFinal: Bool {
        switch self {
        case .queued, .preparing, .running: false
        default: true
        }
    }

    public static let final: [RunState] = allCases.filter(\.isFinal)
}
