internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Empties the trash, one entry at a time, so that nobody waits behind it.
struct Sweeper: Sendable {
    let context: EngineContext

    func emptyTrash() async {
        do {
            for entry in try context.spool.trash.entries() {
                do {
                    try await context.launcher.remove(entry.name, in: Place(SpoolLayout.Way.trash))
                } catch {
                    context.logger.warning("state/trash/\(entry.name) cannot be removed: \(error)")
                }
            }
        } catch {
            context.logger.warning("state/trash cannot be read: \(error)")
        }
    }
}
