internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
internal import SystemPackage

/// `control/answers/`: answers, and the bundles that are handed out; each stays long enough to be fetched.
final class Answers: Sendable {
    private let context: EngineContext
    private let files: ControlFiles
    /// What each user was handed last: one at a time, so that nobody fills the disk by asking.
    private let handed = Mutex<[UInt32: EntryName]>([:])
    private let alarm = Mutex<Alarm?>(nil)

    /// How long a handed out bundle, and an answer, can be fetched.
    private static let bundleStays: Int64 = 10 * 60_000
    private static let answerStays: Int64 = 60 * 60_000

    init(context: EngineContext) {
        self.context = context
        files = ControlFiles(context.spool.control)
        alarm.withLock { alarm in alarm = Alarm { [weak self] in await self?.removeOld() } }
        removeLater()
    }

    func begin(_ name: EntryName) throws(Errno) -> AnswerFile {
        removeLater()
        return AnswerFile(try files.beginAnswer(name))
    }

    /// The name under which a bundle is handed out; the one that the same user was handed before is gone then.
    func makeRoom(for request: ControlFiles.Request) async throws -> EntryName {
        let name = EntryName(bytes: request.name.bytes + Array(".bundle".utf8))
        let before = handed.withLock { $0.updateValue(name, forKey: request.asker) }
        for old in [before, name] {
            if let old { try await context.launcher.remove(old, in: Place(SpoolLayout.Way.answers)) }
        }
        return name
    }

    private func removeLater() { alarm.withLock { $0 }?.set(SuspendingClock.now + .seconds(600)) }

    private func removeOld() async {
        var isEmpty = true
        do {
            let answers = try files.answersDirectory()
            for entry in try answers.entries() {
                guard let status = try? answers.status(of: entry.name) else { continue }
                let stays = entry.name.hasSuffix(".bundle") ? Self.bundleStays : Self.answerStays
                if Timestamp.now().milliseconds - status.changed / 1_000_000 < stays {
                    isEmpty = false
                } else {
                    try await context.launcher.remove(entry.name, in: Place(SpoolLayout.Way.answers))
                }
            }
        } catch {
            context.logger.warning("control/answers cannot be emptied: \(error)")
        }
        if !isEmpty { removeLater() }
    }
}
