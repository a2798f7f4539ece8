internal import Bundles
internal import Glibc
internal import Linux
internal import Logging
internal import Runs
internal import Runtimes
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage
internal import Threads

/// Takes one job from its turn to the end of its last process, and says how it ended.
struct Runner: Sendable {
    let context: EngineContext
    let running: RunningRuns

    /// What an attempt came to.
    struct Outcome: Sendable {
        var status: RunStatus
        /// Whether a sandbox was made: then `upper` may hold something.
        var hasRun: Bool
        /// Whether nothing was executed, for want of something that may be there later: it waits again.
        var isHindered = false
    }

    /// A sandbox that could not be made, as its own processes report it: nothing was executed.
    private struct NotMade: Error {
        let step: SandboxStep
        let errno: Errno
    }

    /// Runs a job in a slot. Everything that goes wrong is in the outcome; nil: it was not begun, because nothing can be run any
    /// more, and its record says how it goes on at the next start.
    ///
    /// - Parameter started: Called when the sandbox stands.
    func run(_ job: Job, slot: Int, started: @escaping @Sendable () async -> Void) async -> Outcome? {
        var status = job.status(.errored)
        if !job.earlier.isEmpty { status.attempt = job.attempt }
        defer { running.end(job.run) }
        do {
            return try await attempt(job, slot: slot, started)
        } catch is LauncherError where context.launcher.isGone {
            return nil
        } catch {
            var error = error
            if let failed = error as? NotMade { error = LauncherError.sandbox(failed.step, failed.errno) }
            if Hindrances.isPassing(error) {
                context.hindrances.begin(.starting, "starting \(job.claim.queue)/\(job.claim.name) (\(job.run))", error)
                waitAgain(job)
                return Outcome(status: status, hasRun: false, isHindered: true)
            }
            status.reason = Self.reason(error)
            return Outcome(status: status, hasRun: false)
        }
    }

    /// What its record and its readers know: it waits. A record that the disk refuses says that an attempt began, and a daemon that
    /// starts on it would take it for interrupted.
    private func waitAgain(_ job: Job) {
        do {
            try context.spool.runDirectory(job.run).note(.queued(job.accepted))
            if let queue = context.queues.known(job.claim.queue) {
                try context.spool.resultDirectory(job.claim.name, job.run, in: queue.active).write(job.status(.queued))
            }
        } catch {
            context.logger.debug("\(job.run): cannot note that it waits again: \(error)")
        }
    }

    private func attempt(_ job: Job, slot: Int, _ started: @escaping @Sendable () async -> Void) async throws -> Outcome
    {
        let settings = context.settings.value
        let directory = try context.spool.runDirectory(job.run)
        let queue = try await context.queues.openResults(job.claim.queue)
        let result = try context.spool.resultDirectory(job.claim.name, job.run, in: queue.active)
        let key = CheckpointKey(job.claim.queue, job.claim.name, job.manifest)
        var circumstances = Command.Context(
            run: job.run, name: job.claim.name, queue: job.claim.queue, attempt: job.attempt,
            checkpoint: try await context.checkpoints.value(of: key, in: context.mender))
        circumstances.interpreter = job.prepared?.interpreter
        let command = try Command(for: job.manifest, circumstances, settings: settings)
        var attempt = RunRecord.Attempt(number: job.attempt, startedAt: .now(), waitMilliseconds: job.waited())
        try directory.note(.running(attempt))
        // The record of the attempt is on disk before its first instruction runs, or a power cut could run it twice.
        try await context.flusher.flush()

        attempt.startedAt = .now()
        let begun = SuspendingClock.now
        let events = running.begin(job.run)
        // One that dies before it has said that a run starts has not started it.
        let (sandbox, logs, said) = try await context.launcher.again {
            try await launch(job, command, slot, directory, result)
        }
        // What follows in the sandbox itself may be hindered as well, at once if it is.
        let announcement =
            context.hindrances.isHindered(.starting)
            ? Task {
                if (try? await Task.sleep(for: .milliseconds(300), clock: .suspending)) != nil { await started() }
            }
            : nil
        var status = job.status(.running)
        status.attempt = attempt.number
        status.startedAt = attempt.startedAt
        status.waitMilliseconds = attempt.waitMilliseconds
        status.enforced = sandbox.enforced.map { Label(key: $0.what, value: $0.by) } + OutputWatch.enforced
        do {
            try directory.note(
                .started(RunRecord.Process(pid: sandbox.process.pid, startTime: sandbox.process.startTime)))
            try result.write(status)
        } catch {
            // What readers see of a running run is a courtesy; a full disk must not end what runs.
            context.logger.warning("\(job.run): cannot note that it runs: \(error)")
        }
        // Ends with the conversation, which ends below.
        let telling = Task { [status] in await tell(said.conversation, status, result) }
        let (exit, reason) = await supervise(sandbox, job, events)
        status.wallMilliseconds = (SuspendingClock.now - begun).milliseconds
        announcement?.cancel()
        said.close()
        let output = await logs.finished()
        let conversation = await said.finished()
        // Nobody opens it any more, and the run's directory is kept for a while.
        try? directory.directory.unlinkIfPresent(SpoolLayout.Run.events)
        telling.cancel()
        await telling.value
        // The program itself may have been refused for its own limits: that would not pass.
        if case .failed(let step, let number) = exit.end, step != .execute, Errno(rawValue: number).isScarcity,
            reason == nil
        {
            throw NotMade(step: step, errno: Errno(rawValue: number))
        }
        if announcement != nil { await started() }
        status.describe(exit, endedFor: reason, manifest: job.manifest)
        status.describe(conversation, job.manifest) { LastWords.reason(of: job.manifest, in: result) }
        status.describe(output)
        do {
            // From here on a crash does not make an interrupted run of it.
            try directory.note(.ended(RunRecord.Ending(status: status)))
        } catch {
            context.logger.warning("\(job.run): cannot note how it ended: \(error)")
        }
        return Outcome(status: status, hasRun: true)
    }

    /// Starts the sandbox. The writing ends of the pipes are let go on return: from then on only the run has them.
    private func launch(
        _ job: Job, _ command: Command, _ slot: Int, _ directory: RunDirectory, _ result: ResultDirectory
    ) async throws -> (SandboxRun, RunLogs, RunEvents) {
        let input = try Input(of: job.manifest, in: directory)
        if job.manifest.network == .host { try directory.copyNameServers() }
        let (logs, writers) = try RunLogs.begin(
            result: result, scratch: directory.directory, limit: job.manifest.limits.log, pump: context.pump)
        try directory.makeResultFile()
        let said = try RunEvents.begin(run: directory, result: result, manifest: job.manifest, pump: context.pump)
        let sandbox = try await context.launcher.run(
            SandboxPlan(
                job: job, command: command, slot: slot, showsInput: input.isShown,
                requiring: context.settings.value.sandbox.require),
            input: input.descriptor, output: writers.stdout, error: writers.stderr)
        return (sandbox, logs, said)
    }

    /// Shows readers what the script says, at most once in a while: what a file's readers see is a courtesy.
    private func tell(_ conversation: Conversation, _ status: RunStatus, _ result: ResultDirectory) async {
        var status = status
        for await _ in conversation.changes {
            status.report = conversation.value.report
            try? result.write(status)
            try? await Countdown.sleep(for: Self.telling)
        }
    }

    private static let telling = Duration.milliseconds(500)

    /// Waits for the end, enforcing the timeout, the grace and whatever callers ask for.
    private func supervise(
        _ sandbox: SandboxRun, _ job: Job, _ events: AsyncStream<Supervision.Event>
    ) async -> (SandboxExit, EndReason?) {
        let manifest = job.manifest
        let watch = OutputWatch(context: context, run: job.run, limits: manifest.limits)
        return await withTaskGroup(of: SandboxExit?.self) { group in
            let (own, teller) = AsyncStream<Supervision.Event>.makeStream()
            group.addTask {
                let exit = await SandboxExit(sandbox)
                teller.yield(.ended)
                return exit
            }
            // Timers by the monotonic clock; both end with the run.
            group.addTask {
                if (try? await Countdown.sleep(for: .milliseconds(manifest.timeout))) != nil {
                    teller.yield(.timeout)
                }
                return nil
            }
            group.addTask {
                if let limit = await watch.firstExceeded() { teller.yield(.end(.overOutput(limit))) }
                return nil
            }
            group.addTask {
                for await event in events { teller.yield(event) }
                return nil
            }
            var supervision = Supervision()
            for await event in own {
                switch supervision.handle(event) {
                case .terminate:
                    sandbox.terminate()
                    group.addTask {
                        if (try? await Countdown.sleep(for: .milliseconds(manifest.stopGrace))) != nil {
                            teller.yield(.graceOver)
                        }
                        return nil
                    }
                case .kill: sandbox.kill()
                case .finish: teller.finish()
                case nil: break
                }
            }
            var exit = SandboxExit.lost
            // The task that waits for the end has an exit; the others end with the cancellation.
            group.cancelAll()
            for await result in group { if let result { exit = result } }
            return (exit, supervision.reason)
        }
    }

    /// One sentence for a run that could not be run.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as RuntimeError: "\(error)"
        case let error as LauncherError: "\(error)"
        case let error as Errno: "the spool could not be used: \(error); look at the disk and at: bobbin doctor"
        default: "\(error)"
        }
    }
}
