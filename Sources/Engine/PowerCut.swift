// After a power cut, or any other end of the machine, records and files are those of the last flushes, and whatever else the disk
// happened to get: whole lines that speak of empty files. What was flushed is known (`FlushMark`); the rest is put back to where
// it is certain, before anything goes on: bundles are made again from what was sent, and what ran is interrupted.

internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool

/// Whether this is another boot of the machine than the one in which the records were written, and what is known of that.
struct PowerCut {
    let isAnotherBoot: Bool
    /// The last flush that is known to have ended.
    let flushes: Int64

    static func before(_ context: EngineContext) throws -> PowerCut {
        // A spool without a mark is new, or of a version that had none: it is believed as it is.
        guard let mark = try context.spool.flushMark() else { return PowerCut(isAnotherBoot: false, flushes: 0) }
        let bootID = Uptime.now().bootID
        return PowerCut(isAnotherBoot: bootID.isEmpty || mark.bootID != bootID, flushes: mark.flushes)
    }

    func isInDoubt(_ record: RunRecord) -> Bool { isAnotherBoot && !record.isCovered(by: flushes) }
}

extension Recovery {
    /// Puts a run back to where it is certain, and says so in its record, for a daemon that follows in this boot.
    func settle(_ record: RunRecord, in directory: RunDirectory, _ cut: PowerCut) async throws -> RunRecord {
        let settled = record.afterPowerCut(flushes: cut.flushes)
        let run = record.claim.run
        switch settled.progress {
        case .claimed where record.progress != .claimed:
            // What is in its result already is not judged again.
            if !directory.directory.has(SpoolLayout.Run.sent) { return record }
            try directory.keepClaimAlone()
        case .running(_, let attempt): try directory.note(.running(attempt))
        case .claimed, .queued, .retrying, .ended, .finished: break
        }
        // The bundle is as certain as the flush that it was to wait for. Without what was sent it is all there is.
        if directory.directory.has(SpoolLayout.Run.bundle), directory.directory.has(SpoolLayout.Run.sent) {
            context.trash.expect()
            try await context.launcher.discard(
                SpoolLayout.Run.bundle, in: .run(run), to: Place(SpoolLayout.Way.trash),
                as: EntryName("\(run).bundle.\(RunID.new())"))
        }
        return settled
    }
}

extension Recovery.Continuation {
    /// The same for a bundle that cannot be made again: what would run ends.
    var withoutBundle: Recovery.Continuation {
        switch self {
        case .wait(let job), .retry(let job):
            var status = job.status(.errored)
            status.retryAt = nil
            status.reason = "its bundle was damaged when the machine went down; send it again under a new run id"
            return .publish(Publisher.Ended(job, status, hasRun: false))
        case .accept, .publish, .finish, .takeAgain: return self
        }
    }
}
