internal import Linux
internal import Runs
internal import SandboxProtocol

/// When a drop is complete: a pure decision, told what was seen and when.
///
/// What was renamed into the inbox is whole. Of everything else only silence is known: a file that nobody has open for
/// writing and that did not change for `quiet`, anything else after two equal looks `settle` apart.
struct Completeness: Sendable {
    /// How an entry came to be seen.
    enum Origin: Sendable, Hashable {
        /// An event said that it was made or written in the inbox itself.
        case written
        /// It was there at start, or a rescan found it.
        case found
    }

    enum Decision: Sendable, Hashable {
        case take
        /// Look again so many milliseconds from now.
        case lookAgain(after: Int64)
        /// It stays incomplete for longer than `give_up`; why.
        case giveUp(String)
    }

    let origin: Origin
    let firstSeen: SuspendingClock.Instant
    /// The last event on it, or `firstSeen`.
    var lastChange: SuspendingClock.Instant
    private var previous: (look: DropLook, at: SuspendingClock.Instant, quietSince: SuspendingClock.Instant)?

    init(origin: Origin, now: SuspendingClock.Instant) {
        self.origin = origin
        firstSeen = now
        lastChange = now
    }

    /// Why an entry is not taken yet, for `ps` and for whoever has to be told in the end.
    static func obstacle(_ look: DropLook) -> String {
        if look.isBeingWritten { return "a file of it is open for writing" }
        if look.hasTransferName { return "a file in it has a name that says it is still being transferred" }
        if look.kind == .directory, look.entries == 0 { return "the directory is empty" }
        return "it keeps changing"
    }

    /// Decides on a look that was taken now.
    mutating func decide(
        _ look: DropLook, now: SuspendingClock.Instant, _ settings: Settings.Intake
    ) -> Decision {
        let isEmptyFile = look.kind == .regular && look.size == 0
        let isQuick = look.kind == .regular && origin == .written && !isEmptyFile
        let wanted = isQuick ? settings.quiet : settings.settle
        let quietSince =
            if let previous, previous.look == look {
                previous.quietSince
            } else if isQuick, previous.map({ lastChange >= $0.at }) ?? true {
                // What changed a file is its last event, if that came since the look before.
                lastChange
            } else {
                now
            }
        previous = (look, now, quietSince)
        let isBlocked =
            look.isBeingWritten || look.hasTransferName || (look.kind == .directory && look.entries == 0)
        if !isBlocked {
            let silence = (now - quietSince).milliseconds
            if silence >= wanted { return .take }
            if (now - firstSeen).milliseconds <= settings.giveUp {
                return .lookAgain(after: max(1, wanted - silence))
            }
        }
        let age = (now - firstSeen).milliseconds
        if age > settings.giveUp { return .giveUp(Self.obstacle(look)) }
        // What takes long to come is looked at less often: the wait grows with the time it has taken so far.
        return .lookAgain(after: max(wanted, min(age / 10, 60_000)))
    }
}
