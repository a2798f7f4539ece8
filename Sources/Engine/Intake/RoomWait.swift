internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// One claimed bundle's wait for what it lacks, a place on the disk above all.
///
/// A try costs what it cannot have: it fills the disk, and scripts that run feel it. So what a try left is removed first, and the
/// next one comes when something was freed and there is room for the whole, or once a minute.
struct RoomWait: Sendable {
    let context: EngineContext
    let claim: RunRecord.Claim
    private var backoff = Backoff()
    private var lack: Errno?
    private var before: SpoolRoom?
    /// Bytes of what was sent, on disk: its copy takes as much.
    private var needed: Int64 = 0

    private static let patience = Duration.seconds(60)

    init(context: EngineContext, claim: RunRecord.Claim) {
        self.context = context
        self.claim = claim
    }

    /// Takes away what the last try left, and says, in a sentence, if there can never be room for it.
    mutating func neverFits(_ error: any Error) async -> String? {
        lack = Hindrances.errno(of: error)
        for name in [SpoolLayout.Run.takenOver, SpoolLayout.Run.archive] {
            do {
                try await context.launcher.remove(name, in: .run(claim.run))
            } catch {
                context.logger.debug("\(claim.run): what the try left stays: \(error)")
            }
        }
        before = try? context.spool.room()
        guard lack?.isDiskScarcity == true, needed == 0 else { return nil }
        needed = (try? await context.launcher.measure(SpoolLayout.Run.sent, in: .run(claim.run))) ?? 0
        guard let before, needed > before.totalBytes / 2 else { return nil }
        return "it takes \(needed) bytes, and its copy as much again; the spool's disk has \(before.totalBytes) in all:"
            + " give the spool a larger disk, or send less; then send it again"
    }

    /// Returns when it is worth another try, or the run is to be ended; false if the daemon stops.
    mutating func wait(_ scheduler: Scheduler) async -> Bool {
        let begun = SuspendingClock.now
        while true {
            guard await context.hindrances.rest(backoff.step()) else { return false }
            if lack?.isDiskScarcity != true { return true }
            if await scheduler.canceller(of: claim.run, owner: claim.owner) != nil { return true }
            guard let before, let now = try? context.spool.room() else { return true }
            let isFreed = now.freeBytes > before.freeBytes || now.freeFiles > before.freeFiles
            if now.freeBytes > needed, isFreed || SuspendingClock.now - begun > Self.patience { return true }
        }
    }
}
