internal import Linux
internal import Logging
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Empties the trash, one entry at a time, so that nobody waits behind it; a while after something came into it.
final class Trash: Sendable {
    private let alarm: Alarm

    /// Long enough that a burst of runs is over, and what it left is deleted in one go.
    private static let patience = Duration.seconds(60)

    init(spool: Spool, launcher: Launcher, logger: Logger) {
        alarm = Alarm { await Self.emptyTrash(spool, launcher, logger) }
    }

    /// Something lies in the trash, or may: it is emptied within a minute.
    func expect() { alarm.set(SuspendingClock.now + Self.patience) }

    func stop() { alarm.cancel() }

    private static func emptyTrash(_ spool: Spool, _ launcher: Launcher, _ logger: Logger) async {
        do {
            for entry in try spool.trash.entries() {
                do {
                    try await launcher.remove(entry.name, in: Place(SpoolLayout.Way.trash))
                } catch {
                    logger.warning("state/trash/\(entry.name) cannot be removed: \(error)")
                }
            }
        } catch {
            logger.warning("state/trash cannot be read: \(error)")
        }
    }
}
