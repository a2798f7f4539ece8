internal import Bundles
internal import Linux
internal import Logging
internal import Runs
internal import Spool
internal import SystemPackage

/// Finds what is asked for in `control/requests/`, has it done, and takes the request away.
///
/// Anybody may make files there: however many somebody makes, the others' requests are done, and drops do not wait for it.
actor RequestDesk {
    private let context: EngineContext
    private let work: RequestWork
    private let files: ControlFiles
    /// Requests that are being done.
    private var busy: Set<EntryName> = []
    private let unremovable = Unremovable()
    /// When a user's nonsense was last said.
    private var said: [UInt32: SuspendingClock.Instant] = [:]
    private var isStopping = false
    private let looks: AsyncStream<Void>
    private let looker: AsyncStream<Void>.Continuation
    /// Looks again at what may still be being written, or is left over.
    private var alarm: Alarm?

    /// Whoever writes a request in place, as `echo` does, has this long: what is no request then is none.
    private static let patience = Duration.seconds(2)
    /// Of one user at a time.
    private static let mostOfOne = 16
    /// Entries of the directory in one look.
    private static let mostEntries = 100_000

    init(context: EngineContext, work: RequestWork) {
        self.context = context
        self.work = work
        files = ControlFiles(context.spool.control)
        (looks, looker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something may be asked for.
    nonisolated func lookSoon() { looker.yield() }

    /// Does what is asked for, until `stop`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await _ in looks {
                for name in look() {
                    group.addTask { await self.handle(name) }
                }
            }
        }
        alarm?.cancel()
    }

    /// Begins nothing more; what waits stays, and is done by the next daemon.
    func stop() {
        isStopping = true
        looker.finish()
    }

    private func lookLater(_ delay: Duration) {
        if alarm == nil { alarm = Alarm { [weak self] in self?.lookSoon() } }
        alarm?.set(SuspendingClock.now + delay)
    }

    /// The requests that begin now.
    private func look() -> [EntryName] {
        if isStopping { return [] }
        do {
            let found = try files.requests(perAsker: Self.mostOfOne, entries: Self.mostEntries)
            for stray in found.strays { discard(stray) }
            // There may be more of them.
            if !found.strays.isEmpty { lookLater(Self.patience) }
            return found.names.filter { busy.insert($0).inserted }
        } catch {
            context.logger.error("cannot read control/requests: \(error); mend its mode or owner")
            return []
        }
    }

    private func discard(_ name: EntryName) {
        do {
            try files.discardRequest(name)
        } catch {
            if unremovable.isNew("\(name)") {
                context.logger.warning("control/requests/\(name) is no request and cannot be removed: \(error)")
            }
        }
    }

    private func handle(_ name: EntryName) async {
        defer { busy.remove(name) }
        do {
            guard let request = try files.request(name, maximumSize: ControlRequest.maximumSize) else { return }
            let read = request.content.map { ControlRequest.reading($0) }
            guard case .success(let wish)? = read else {
                if request.age < Self.patience.milliseconds { return lookLater(Self.patience) }
                return refuse(request, read)
            }
            try await work.perform(wish, request)
            try files.removeRequest(name)
            // More may have been asked for than one look took in.
            if !isStopping { lookSoon() }
        } catch is CancellationError {
            // The daemon stops: the request stays.
        } catch {
            context.logger.error("control/requests/\(name): \(error); it is tried again")
            lookLater(.seconds(30))
        }
    }

    /// What is no request is taken away without an answer; said once a minute for each who makes such.
    private func refuse(_ request: ControlFiles.Request, _ read: Result<ControlRequest, InvalidFile>?) {
        discard(request.name)
        lookLater(Self.patience)
        let now = SuspendingClock.now
        if let last = said[request.asker], now - last < .seconds(60) { return }
        if said.count > 1000 { said = [:] }
        said[request.asker] = now
        let why =
            if case .failure(let invalid)? = read {
                invalid.errors.first?.description ?? "it is none"
            } else {
                "a request is a file of one name, at most \(ControlRequest.maximumSize) bytes, that only its owner may write"
            }
        context.logger.warning(
            "control/requests/\(request.name) of \(context.owners.name(of: request.asker)) is no request and is removed: \(why)"
        )
    }
}
