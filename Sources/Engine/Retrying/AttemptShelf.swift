// Where the results of a run's earlier attempts are: `attempts/N/` in its directory, with the files that a result has. An
// attempt is put there after the record says that another one follows; done again after a crash, or after a reader took
// something away, it moves what is still to be moved.

internal import Bundles
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

struct AttemptShelf: Sendable {
    let context: EngineContext

    /// What an attempt made; the next one makes its own.
    private static let parts = [
        SpoolLayout.Result.stdout, SpoolLayout.Result.stderr, SpoolLayout.Result.log, SpoolLayout.Result.result,
        SpoolLayout.Result.resultTable, SpoolLayout.Result.files,
    ]

    /// Makes room for a job's next attempt, and shows that it waits.
    func put(_ ended: RunStatus, away job: Job) async throws {
        let queue = try await context.queues.openResults(job.claim.queue)
        let result = try context.spool.resultDirectory(job.claim.name, job.run, in: queue.active)
        let place = Place.result(job.claim)
        let attempts = SpoolLayout.Result.attempts
        if let status = try? result.directory.status(of: attempts), status.kind != .directory {
            // A reader who may write here put something else in its place.
            try await context.launcher.remove(attempts, in: place)
        }
        let attempt = try result.attempt(ended.attempt ?? 1)
        for part in Self.parts where result.directory.has(part) {
            if attempt.directory.has(part) {
                // It was put away before a crash, and what is here now was made after it.
                try await context.launcher.remove(part, in: place)
            } else {
                try result.directory.rename(part, to: part, in: attempt.directory)
            }
        }
        try attempt.write(ended)
        try result.write(manifest: job.manifest.json())
        try result.write(job.status(.queued))
    }
}
