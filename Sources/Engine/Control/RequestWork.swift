internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Does one request, if who asks may, and answers it in `control/answers/`.
struct RequestWork: Sendable {
    let context: EngineContext
    let sweeper: Sweeper
    let replayer: Replayer
    let environments: Environments
    let claims: ClaimCounter
    let answers: Answers
    /// Bundles are copied one at a time: the launcher's workers are for those who wait for results.
    private let copies = AsyncPlaces(1)

    init(context: EngineContext, sweeper: Sweeper, replayer: Replayer, environments: Environments, claims: ClaimCounter)
    {
        self.context = context
        self.sweeper = sweeper
        self.replayer = replayer
        self.environments = environments
        self.claims = claims
        answers = Answers(context: context)
    }

    /// Throws what is to be tried again; a refusal or a failure is an answer.
    func perform(_ wish: ControlRequest, _ request: ControlFiles.Request) async throws {
        let answer = try answers.begin(request.name)
        do {
            switch wish {
            case .sweep(let queue, let isDry): try await sweep(queue, isDry, request, answer)
            case .retry(let retry): try await self.retry(retry, request, answer)
            case .bundle(let run): try await handOut(run, request, answer)
            case .rebuild: try await rebuild(request, answer)
            case .removeEnvironments(let keys): try await remove(keys, request, answer)
            case .checkpoint(let key, let value): try await setCheckpoint(key, value, request, answer)
            }
        } catch let stop as CancellationError {
            throw stop
        } catch let refusal as RequestRefusal {
            answer.end("refused", reason: "\(refusal)")
        } catch {
            answer.end("failed", reason: "\(error)")
        }
    }

    private func sweep(
        _ queue: QueueName?, _ isDry: Bool, _ request: ControlFiles.Request, _ answer: AnswerFile
    ) async throws {
        let detail = isDry ? "dry run" : nil
        guard context.isAdmin(request.asker) else {
            await context.audit(.sweep, by: request.asker, queue: queue, detail: detail, "refused")
            throw RequestRefusal("only root and the spool's admins may ask for a sweep")
        }
        let result: Result<SweepTotals, any Error> = await withCheckedContinuation { continuation in
            sweeper.sweep(
                for: Sweeper.Wish(queue: queue, isDry: isDry, tell: { answer.add($0) }) {
                    continuation.resume(returning: $0)
                })
        }
        let totals = try result.get()
        await context.audit(.sweep, by: request.asker, queue: queue, detail: detail, "done")
        answer.end(totals)
    }

    private func rebuild(_ request: ControlFiles.Request, _ answer: AnswerFile) async throws {
        guard context.isAdmin(request.asker) else {
            await context.audit(.rebuild, by: request.asker, "refused")
            throw RequestRefusal("only root and the spool's admins may ask for the history to be rebuilt")
        }
        let summary = try await context.mender.rebuild()
        await context.audit(.rebuild, by: request.asker, detail: "\(summary)", "done")
        answer.end("done", reason: "\(summary)")
    }

    /// Removes those that can be; the others are said.
    private func remove(_ keys: [String], _ request: ControlFiles.Request, _ answer: AnswerFile) async throws {
        let detail = keys.joined(separator: " ")
        guard context.isAdmin(request.asker) else {
            await context.audit(.environment, by: request.asker, detail: detail, "refused")
            throw RequestRefusal("only root and the spool's admins may remove environments")
        }
        var refusals: [String] = []
        var isAnyGone = false
        for key in keys {
            switch try await environments.remove(EntryName(key)) {
            case .removed: isAnyGone = true
            case .none: refusals.append("there is no environment \(key)")
            case .inUse(let count):
                refusals.append(
                    "\(key) is in use by \(count == 1 ? "a run" : "\(count) runs"); remove it when that is over")
            }
        }
        if isAnyGone { await environments.removed() }
        await context.audit(.environment, by: request.asker, detail: detail, refusals.isEmpty ? "done" : "refused")
        if !refusals.isEmpty { throw RequestRefusal(refusals.joined(separator: "; ")) }
        answer.end("done")
    }

    private func setCheckpoint(
        _ key: CheckpointKey, _ value: String?, _ request: ControlFiles.Request, _ answer: AnswerFile
    ) async throws {
        let detail = "\(key.key): \(value.map { RunEvent.oneLine($0) } ?? "reset")"
        guard context.isAdmin(request.asker) else {
            await context.audit(.checkpoint, by: request.asker, queue: key.queue, detail: detail, "refused")
            throw RequestRefusal("only root and the spool's admins may change a checkpoint")
        }
        let claim = claims.last
        try await context.history.setCheckpoint(key, to: value, claim: claim, at: .now())
        context.checkpoints.set(key, to: value, claim: claim)
        await context.audit(.checkpoint, by: request.asker, queue: key.queue, detail: detail, "done")
        answer.end("done")
    }

    private func retry(
        _ retry: ControlRequest.Retry, _ request: ControlFiles.Request, _ answer: AnswerFile
    ) async throws {
        do {
            try await replayer.waitForRoom()
            try await takeCopy()
            defer { copies.giveBack() }
            try await replayer.replay(retry, by: request.asker)
        } catch let refusal as RequestRefusal {
            await audit(retry, request, "refused")
            throw refusal
        }
        await audit(retry, request, "done")
        answer.end("done", run: retry.run)
    }

    private func audit(_ retry: ControlRequest.Retry, _ request: ControlFiles.Request, _ outcome: String) async {
        await context.audit(
            .retry, by: request.asker, queue: retry.queue, run: retry.run, detail: "of \(retry.parent)", outcome)
    }

    /// Waits for its turn to copy; a daemon that stops begins no further one.
    private func takeCopy() async throws {
        await copies.take()
        guard await replayer.scheduler.isStopping else { return }
        copies.giveBack()
        throw CancellationError()
    }

    private func handOut(_ run: RunID, _ request: ControlFiles.Request, _ answer: AnswerFile) async throws {
        let bundle = try await ArchivedBundle.find(run, in: context)
        guard context.mayCancel(bundle.claim.owner, request.asker) else {
            await context.audit(.bundle, by: request.asker, run: run, "refused")
            throw RequestRefusal("only its owner, root and the spool's admins may have the bundle of \(run)")
        }
        try await takeCopy()
        defer { copies.giveBack() }
        let handed = try await answers.makeRoom(for: request)
        try await bundle.copy(
            to: Place(SpoolLayout.Way.answers), as: handed,
            for: FileOwnership(owner: request.asker, group: getegid()), in: context)
        await context.audit(.bundle, by: request.asker, run: run, "done")
        answer.end("done", run: run, entry: bundle.sentName)
    }
}
