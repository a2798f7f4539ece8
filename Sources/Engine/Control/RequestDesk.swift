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

/// Does what is asked for in `control/requests/`, answers in `control/answers/`, and takes the request away.
actor RequestDesk {
    private let context: EngineContext
    private let sweeper: Sweeper
    private let replayer: Replayer
    private let files: ControlFiles
    /// Requests that are being done.
    private var busy: Set<EntryName> = []
    private let requests: AsyncStream<EntryName>
    private let requester: AsyncStream<EntryName>.Continuation
    private let places = AsyncPlaces(mostAtOnce)
    /// Looks again at what may still be being written.
    private var alarm: Alarm?

    /// Requests done at one time; a sweep waits for no other.
    private static let mostAtOnce = 4
    /// Whoever writes a request in place, as `echo` does, has this long: what is no request then is none.
    private static let patience = Duration.seconds(2)
    /// Requests read in one look: what is beyond is found by the next.
    private static let mostKnown = 1000

    init(context: EngineContext, sweeper: Sweeper, replayer: Replayer) {
        self.context = context
        self.sweeper = sweeper
        self.replayer = replayer
        files = ControlFiles(context.spool.control)
        (requests, requester) = AsyncStream<EntryName>.makeStream()
    }

    /// Finds what is asked for.
    func look() {
        do {
            for name in try files.requests(limit: Self.mostKnown) where busy.insert(name).inserted {
                requester.yield(name)
            }
        } catch {
            context.logger.error("cannot read control/requests: \(error); mend its mode or owner")
        }
    }

    /// Does what `look` finds, until `stop`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await name in requests {
                await places.take()
                group.addTask {
                    await self.handle(name)
                    self.places.giveBack()
                }
            }
        }
    }

    func stop() {
        alarm?.cancel()
        requester.finish()
    }

    private func lookLater() {
        if alarm == nil { alarm = Alarm { [weak self] in await self?.look() } }
        alarm?.set(SuspendingClock.now + Self.patience)
    }

    private func handle(_ name: EntryName) async {
        do {
            if let request = try files.request(name, maximumSize: ControlRequest.maximumSize),
                try await !handle(request)
            {
                busy.remove(name)
                return lookLater()
            }
        } catch is CancellationError {
            // The daemon stops: the request stays, and is done by the next one.
            return
        } catch {
            context.logger.error("control/requests/\(name): \(error); it is tried again")
            busy.remove(name)
            return
        }
        busy.remove(name)
        // More may have been asked than one look took in.
        look()
    }

    /// Whether it is done; false if it may still be being written.
    private func handle(_ request: ControlFiles.Request) async throws -> Bool {
        let wish = request.content.map { ControlRequest.reading($0) }
        if case .success? = wish {} else if request.age < Self.patience.milliseconds { return false }
        let answer = try AnswerFile(files.beginAnswer(request.name))
        do {
            switch wish {
            case nil:
                throw RequestRefusal("a request is a regular file of at most \(ControlRequest.maximumSize) bytes")
            case .failure(let invalid)?: throw RequestRefusal(invalid.errors.first?.description ?? "no request")
            case .success(let wish)?: try await handle(wish, request, answer)
            }
        } catch let refusal as RequestRefusal {
            answer.end("refused", reason: "\(refusal)")
        } catch let error as LauncherError {
            answer.end("failed", reason: "\(error)")
        }
        // Whatever lies there under a request's name, a directory even.
        try await context.launcher.remove(request.name, in: Place(SpoolLayout.Way.requests))
        return true
    }

    private func handle(_ wish: ControlRequest, _ request: ControlFiles.Request, _ answer: AnswerFile) async throws {
        switch wish {
        case .sweep(let queue, let isDry):
            let detail = isDry ? "dry run" : nil
            guard context.isAdmin(request.asker) else {
                await context.audit(.sweep, by: request.asker, queue: queue, detail: detail, "refused")
                throw RequestRefusal("only root and the spool's admins may ask for a sweep")
            }
            let totals = try await sweep(queue, isDry, answer)
            await context.audit(.sweep, by: request.asker, queue: queue, detail: detail, "done")
            answer.end(totals)
        case .retry(let retry):
            let detail = "of \(retry.parent)"
            do {
                try await replayer.replay(retry, by: request.asker)
            } catch let refusal as RequestRefusal {
                await context.audit(
                    .retry, by: request.asker, queue: retry.queue, run: retry.run, detail: detail, "refused")
                throw refusal
            }
            await context.audit(.retry, by: request.asker, queue: retry.queue, run: retry.run, detail: detail, "done")
            answer.end("done", run: retry.run)
        case .bundle(let run):
            let bundle = try await ArchivedBundle.find(run, in: context)
            guard context.mayCancel(bundle.claim.owner, request.asker) else {
                throw RequestRefusal("only its owner, root and the spool's admins may have the bundle of \(run)")
            }
            let handed = EntryName(bytes: request.name.bytes + Array(".bundle".utf8))
            try await context.launcher.remove(handed, in: Place(SpoolLayout.Way.answers))
            try await bundle.copy(
                to: Place(SpoolLayout.Way.answers), as: handed,
                for: FileOwnership(owner: request.asker, group: getegid()), in: context)
            answer.end("done", run: run, entry: bundle.claim.entry)
        }
    }

    private func sweep(_ queue: QueueName?, _ isDry: Bool, _ answer: AnswerFile) async throws -> SweepTotals {
        let result: Result<SweepTotals, any Error> = await withCheckedContinuation { continuation in
            let wish = Sweeper.Wish(queue: queue, isDry: isDry) {
                answer.add($0)
            } done: {
                continuation.resume(returning: $0)
            }
            sweeper.sweep(for: wish)
        }
        return try result.get()
    }
}
