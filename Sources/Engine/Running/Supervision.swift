internal import Runs
internal import Trees

/// Why Bobbin itself ends a run.
enum EndReason: Sendable, Hashable {
    case cancelled(by: String)
    case timedOut
    /// The daemon stops.
    case interrupted
    /// It has written more beside itself than it may.
    case overOutput(TreeReport.Exceeded)
}

/// What supervision does with a run, decided apart from doing it.
///
/// TERM to every process, grace, then KILL; KILL at once for who fills the disk. Whichever reason came first in the order of final
/// states is the one that counts.
struct Supervision: Sendable {
    enum Event: Sendable {
        case ended
        case timeout
        case graceOver
        case end(EndReason)
    }

    enum Action: Sendable, Hashable {
        case terminate
        case kill
        case finish
    }

    private(set) var reason: EndReason?
    private var isOver = false

    /// What to do about an event; nil: nothing.
    mutating func handle(_ event: Event) -> Action? {
        // A timer or a wish that comes after the end is not why it ended.
        if isOver { return nil }
        switch event {
        case .ended:
            isOver = true
            return .finish
        case .graceOver: return reason == nil ? nil : .kill
        case .timeout: return end(.timedOut)
        case .end(let reason): return end(reason)
        }
    }

    private mutating func end(_ new: EndReason) -> Action? {
        guard let old = reason else {
            reason = new
            return isUrgent(new) ? .kill : .terminate
        }
        if Self.rank(new) < Self.rank(old) { reason = new }
        return isUrgent(new) ? .kill : nil
    }

    private func isUrgent(_ reason: EndReason) -> Bool { if case .overOutput = reason { true } else { false } }

    private static func rank(_ reason: EndReason) -> Int {
        switch reason {
        case .cancelled: 0
        case .interrupted: 1
        case .timedOut: 2
        case .overOutput: 3
        }
    }
}
