internal import Bundles
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import Spool

extension Acceptance {
    /// Makes the bundle of a job again, from what was sent: after a power cut the one that was made before may be torn.
    ///
    /// Tries until there is room for it, or the daemon stops: then the next start does it.
    ///
    /// - Returns: Whether it is what was accepted; nil if the daemon stops.
    func takeAgain(_ job: Job) async -> Bool? {
        var backoff = Backoff()
        var isHindered = false
        defer { if isHindered { context.hindrances.end(.accepting) } }
        while true {
            do {
                return try await takeAgainOnce(job)
            } catch  where Hindrances.isPassing(error) {
                context.hindrances.begin(.accepting, "taking over \(job.claim.queue)/\(job.claim.entry) again", error)
                isHindered = true
                guard await context.hindrances.rest(backoff.step()) else { return nil }
            } catch is LauncherError where context.launcher.isGone {
                return nil
            } catch {
                context.logger.error("\(job.run): its bundle cannot be made again: \(error)")
                return false
            }
        }
    }

    private func takeAgainOnce(_ job: Job) async throws -> Bool {
        let directory = try context.spool.runDirectory(job.run)
        let sent = try directory.directory.status(of: SpoolLayout.Run.sent)
        let settings = context.settings.value
        let drop = DropName(
            job.claim.entry, isDirectory: sent.kind == .directory,
            endings: settings.scriptEndings)
        let taken = try await takeOver(job.claim, drop, directory, settings.intake)
        let tree = try directory.directory.directory(SpoolLayout.Run.takenOver)
        guard try taken.sha256(of: tree) == job.accepted.bundleSHA256 else { return false }
        try directory.completeBundle()
        return true
    }
}
