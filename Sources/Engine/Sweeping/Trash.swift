internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Empties `state/trash`, one entry at a time and at its pace, a while after something came into it.
final class Trash: Sendable {
    private let spool: Spool
    private let launcher: Launcher
    private let logger: Logger
    private let unremovable = Unremovable()
    private let pace = Mutex<Pace?>(nil)
    private let alarm = Mutex<Alarm?>(nil)

    private let patience: Duration

    /// - Parameter patience: how long it waits, so that a burst of runs is over, and what it left is deleted in one go.
    init(spool: Spool, launcher: Launcher, patience: Duration, logger: Logger) {
        self.patience = patience
        self.spool = spool
        self.launcher = launcher
        self.logger = logger
        alarm.withLock { alarm in alarm = Alarm { [weak self] in await self?.empty() } }
    }

    /// Whose work it makes room for; before, it knows of none.
    func yields(by pace: Pace) { self.pace.withLock { $0 = pace } }

    /// Something lies in the trash, or may: it is emptied within a minute.
    func expect() { alarm.withLock { $0 }?.set(SuspendingClock.now + patience) }

    /// The disk is full: what lies here is the first to go.
    func emptySoon() { alarm.withLock { $0 }?.set(SuspendingClock.now) }

    func stop() { alarm.withLock { $0 }?.cancel() }

    /// Moves an entry to the trash and deletes it there. ENOENT if it is not there any more; what cannot be deleted stays in the
    /// trash, and is tried again when that is emptied.
    func take(_ entry: EntryName, in place: Place) async throws(LauncherError) {
        try await launcher.discard(
            entry, in: place, to: Self.place, as: EntryName("swept.\(RunID.new())"), deleting: true)
        expect()
    }

    private static let place = Place(SpoolLayout.Way.trash)

    private func empty() async {
        do {
            for entry in try spool.trash.entries() {
                let begun = SuspendingClock.now
                do {
                    try await launcher.remove(entry.name, in: Self.place)
                    unremovable.forget("\(entry.name)")
                } catch LauncherError.died {
                    expect()
                } catch {
                    if unremovable.isNew("\(entry.name)") {
                        logger.warning("state/trash/\(entry.name) cannot be removed: \(error)")
                    }
                }
                await pace.withLock { $0 }?.rest(after: begun)
            }
        } catch {
            logger.warning("state/trash cannot be read: \(error)")
        }
    }
}
