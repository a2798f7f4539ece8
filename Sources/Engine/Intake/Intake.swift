// From the inbox to a claim. Events are hints: each only says that an entry deserves a look, and a scan of all inboxes, at start
// and every `rescan`, finds whatever no event told of. An entry is at any time in one of these: not seen; under observation
// (`observed`); ready to be claimed (`ready`); being claimed and judged (`busy`); refused by the kernel (`refused`).

internal import Bundles
internal import DequeModule
internal import HeapModule
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage
internal import Trees
internal import Watch

/// An entry of an inbox.
struct Drop: Sendable, Hashable {
    let queue: QueueName
    let entry: EntryName
}

/// When a drop is looked at.
private struct DueLook: Comparable, Sendable {
    let time: SuspendingClock.Instant
    let drop: Drop

    static func < (left: DueLook, right: DueLook) -> Bool { left.time < right.time }
}

actor Intake {
    private let context: EngineContext
    private let scheduler: Scheduler
    private let acceptance: Acceptance
    private let watcher: Watcher
    private let claimer: Claimer

    private var isInboxWatched = false
    private var queues: [QueueName: WatchedDirectory] = [:]
    private var numbers: [WatchedDirectory: QueueName] = [:]
    private var nextNumber = EngineWatch.firstQueue
    private var observed: [Drop: Completeness] = [:]
    /// When each observed drop is looked at next.
    private var due: [Drop: SuspendingClock.Instant] = [:]
    /// The same in the order of time; an entry that `due` does not agree with counts no more.
    private var looks = Heap<DueLook>()
    private var lookers = 0
    /// What is to be claimed, in the order it became ready, and why some of it is to be rejected whatever it is.
    private var ready: Deque<Drop> = []
    private var isReady: [Drop: String?] = [:]
    private var busy: Set<Drop> = []
    /// Entries that could not be taken, by their inode: said once, tried again when they are others.
    private var refused: [Drop: UInt64] = [:]
    /// Those of them that a scan tries again as they are.
    private var refusedForNow: Set<Drop> = []
    private var said: Set<String> = []
    /// Whether a scan left entries out because enough are known already.
    private var hasMore = false
    private var isStopping = false

    private let readySignal: AsyncStream<Void>
    private let readySignaller: AsyncStream<Void>.Continuation
    private var alarm: Alarm?
    private var rescanner: Alarm?
    private let places = AsyncPlaces(mostAccepting)
    /// While it runs nothing is claimed: the machine is short of something.
    private var resting: Task<Void, Never>?
    private var backoff = Backoff()
    /// Until what could not be read or claimed is tried again.
    private static let patience = Duration.seconds(5)

    /// Bundles taken over at the same time.
    private static let mostAccepting = 4
    /// Looks under way at one time: a large tree takes long, and the next drop should not wait for it.
    private static let mostLooking = 4
    /// Entries claimed with one flush.
    private static let mostClaimed = 64
    /// Entries kept in mind; what is beyond stays in its inbox until there is room.
    private static let mostKnown = 20_000

    init(context: EngineContext, scheduler: Scheduler, watcher: Watcher, sequence: ClaimCounter) {
        self.context = context
        self.scheduler = scheduler
        self.watcher = watcher
        acceptance = Acceptance(context: context, scheduler: scheduler)
        claimer = Claimer(context: context, sequence: sequence)
        (readySignal, readySignaller) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Hints

    func handle(_ hint: Hint) async {
        if isStopping { return }
        switch hint {
        case .renamedIn(let directory, let name):
            guard let queue = numbers[directory] else { return await scan() }
            let drop = Drop(queue: queue, entry: name)
            guard !TransferName.isInInbox(name), !busy.contains(drop) else { return }
            forget(drop)
            makeReady(drop, rejecting: nil)
        case .changed(let directory, let name):
            guard let queue = numbers[directory] else { return await scan() }
            let drop = Drop(queue: queue, entry: name)
            guard !TransferName.isInInbox(name), !busy.contains(drop), isReady[drop] == nil else { return }
            observe(drop, .written)
            setAlarm()
        case .gone(let directory):
            // What is there now under that name, be it the same directory, is watched anew.
            if directory == EngineWatch.inbox { isInboxWatched = false }
            if let queue = numbers[directory] { forgetQueue(queue) }
            await scan()
        case .overflow: await scan()
        }
    }

    private func observe(_ drop: Drop, _ origin: Completeness.Origin) {
        let now = SuspendingClock.now
        if observed[drop] != nil {
            observed[drop]?.lastChange = now
        } else {
            observed[drop] = Completeness(origin: origin, now: now)
        }
        let time = origin == .written ? now + quiet : now
        // A look that comes sooner is put off when it is due: an event may be one of very many.
        if due[drop].map({ $0 > time }) ?? true { schedule(drop, at: time) }
    }

    private var quiet: Duration { .milliseconds(context.settings.value.intake.quiet) }

    private func schedule(_ drop: Drop, at time: SuspendingClock.Instant) {
        due[drop] = time
        looks.insert(DueLook(time: time, drop: drop))
    }

    private func forget(_ drop: Drop) {
        observed[drop] = nil
        due[drop] = nil
    }

    private func makeReady(_ drop: Drop, rejecting reason: String?) {
        if isReady.updateValue(reason, forKey: drop) == nil { ready.append(drop) }
        readySignaller.yield()
    }

    // MARK: Looking

    /// Finds everything there is: new queues, entries that no event told of, queues that are gone.
    func scan() async {
        if isStopping { return }
        do {
            let isReplaced = try context.spool.reopenInbox()
            if isReplaced { context.logger.warning("inbox/ was replaced; going on with the one that is there now") }
            if isReplaced || !isInboxWatched { await watchInbox() }
            let found = try context.spool.queues()
            unsay("inbox")
            for stray in found.strays where said.insert("stray \(stray)").inserted {
                context.logger.warning(
                    "inbox/\(stray) is no queue (a-z 0-9 . _ - only, a directory); it stays where it is")
            }
            for name in queues.keys where !found.names.contains(name) { forgetQueue(name) }
            hasMore = false
            for name in found.names { await scan(name) }
        } catch {
            sayOnce("inbox", "cannot read inbox/: \(error); mend its mode or owner")
            scanLater(error)
        }
        // Once for all that was found: each setting of it may begin a look.
        setAlarm()
    }

    private func scan(_ name: QueueName) async {
        do {
            let before = context.queues.known(name)?.inbox
            let queue = try await context.queues.open(name)
            if queues[name] == nil || before !== queue.inbox { try await watch(queue) }
            try queue.inbox.forEachEntry { entry throws(Errno) in
                let drop = Drop(queue: name, entry: entry.name)
                if TransferName.isInInbox(entry.name) || observed[drop] != nil || isReady[drop] != nil
                    || busy.contains(drop)
                    || (refused[drop] == entry.inode && !refusedForNow.contains(drop))
                {
                    return true
                }
                if observed.count + ready.count >= Self.mostKnown {
                    hasMore = true
                    return false
                }
                observe(drop, .found)
                return true
            }
            unsay("queue \(name)")
        } catch {
            sayOnce(
                "queue \(name)",
                "cannot use inbox/\(name): \(error); its drops wait until bobbind may read and write it")
            scanLater(error)
        }
    }

    /// What only lacked descriptors or memory is looked at again soon: perhaps no event and no rescan would.
    private func scanLater(_ error: any Error) {
        guard Hindrances.isPassing(error) else { return }
        if rescanner == nil { rescanner = Alarm { [weak self] in await self?.scan() } }
        rescanner?.set(.now + Self.patience)
    }

    private func watchInbox() async {
        isInboxWatched = true
        do {
            try await watcher.watch(context.spool.inbox, as: EngineWatch.inbox)
            unsay("watch inbox")
        } catch {
            sayOnce("watch inbox", "cannot watch inbox/: \(error); new queues are found by the rescan")
        }
    }

    private func watch(_ queue: QueueDirectory) async throws {
        let number = WatchedDirectory(number: nextNumber)
        nextNumber += 1
        if let old = queues[queue.name] {
            watcher.forget(old)
            numbers[old] = nil
        }
        queues[queue.name] = number
        numbers[number] = queue.name
        do {
            try await watcher.watch(queue.inbox, as: number)
            unsay("watch")
        } catch {
            // The rescan finds its drops; only latency is lost.
            sayOnce(
                "watch",
                "cannot watch inbox/\(queue.name): \(error); raise fs.inotify.max_user_watches; until then"
                    + " drops are found by the rescan")
        }
    }

    private func forgetQueue(_ name: QueueName) {
        if let number = queues.removeValue(forKey: name) {
            numbers[number] = nil
            watcher.forget(number)
        }
        context.queues.forget(name)
        for drop in observed.keys where drop.queue == name { forget(drop) }
        ready.removeAll { $0.queue == name }
        isReady = isReady.filter { $0.key.queue != name }
    }

    /// Looks at every observed drop whose time has come, in the order of their times.
    private func lookAtWhatIsDue() async {
        // Those who look already go on with what is due.
        guard lookers < Self.mostLooking else { return }
        lookers += 1
        while !isStopping, let drop = nextDue() { await look(at: drop) }
        lookers -= 1
        setAlarm()
    }

    private func nextDue() -> Drop? {
        let now = SuspendingClock.now
        while let first = looks.min, first.time <= now {
            looks.removeMin()
            // An event may have called for an earlier look, or it is forgotten.
            guard due[first.drop] == first.time, let seen = observed[first.drop] else { continue }
            // The look comes when there were no events for a while.
            let silent = seen.lastChange + quiet
            if seen.origin == .written, silent > now { schedule(first.drop, at: silent) } else { return first.drop }
        }
        return nil
    }

    private func look(at drop: Drop) async {
        due[drop] = nil
        let look: DropLook?
        do {
            look = try await context.launcher.look(at: drop.entry, in: .inbox(drop.queue))
        } catch {
            context.logger.debug("cannot look at \(drop.queue)/\(drop.entry): \(error)")
            schedule(drop, at: SuspendingClock.now + .seconds(1))
            return
        }
        // While it was looked at, an event may have made it ready, or it may be gone.
        guard var completeness = observed[drop] else { return }
        guard let look else { return forget(drop) }
        let now = SuspendingClock.now
        switch completeness.decide(look, now: now, context.settings.value.intake) {
        case .take:
            forget(drop)
            makeReady(drop, rejecting: nil)
        case .giveUp(let why):
            forget(drop)
            makeReady(drop, rejecting: "it stayed incomplete for too long (intake.give_up): \(why); send it again")
        case .lookAgain(let after):
            observed[drop] = completeness
            // An event that came during the look has set a time already.
            if due[drop] == nil { schedule(drop, at: now + .milliseconds(after)) }
        }
    }

    private func setAlarm() {
        guard let next = looks.min?.time else { return }
        if alarm == nil { alarm = Alarm { [weak self] in await self?.lookAtWhatIsDue() } }
        alarm?.set(next)
    }

    // MARK: Claiming

    /// Claims what is ready, as long as there is room for more, until `stop`.
    func claimWhatIsReady() async {
        await withDiscardingTaskGroup { group in
            let places = places
            for await _ in readySignal {
                while let batch = await nextBatch() {
                    for item in await claimer.claim(batch) {
                        switch item {
                        case .claimed(let claimed):
                            await places.take()
                            if isStopping {
                                // Its record says that it is claimed: the next start judges it.
                                places.giveBack()
                                continue
                            }
                            group.addTask {
                                await self.acceptance.accept(claimed, in: places) { await self.done(claimed.drop) }
                                self.readySignaller.yield()
                            }
                        case .gone(let drop): done(drop)
                        case .hindered(let request): putBack(request)
                        case .failed(let drop, let why):
                            if said.insert("claim \(drop)").inserted {
                                context.logger.error("\(drop.queue)/\(drop.entry): cannot claim it now: \(why)")
                            }
                            busy.remove(drop)
                            observed[drop] = Completeness(origin: .found, now: .now)
                            schedule(drop, at: .now + Self.patience)
                            setAlarm()
                        case .later(let drop):
                            done(drop)
                            observe(drop, .found)
                            setAlarm()
                        case .refused(let drop, let inode, let isLasting, let why):
                            // Not looked at again by itself: an event on it, or another entry of the name, brings it back.
                            busy.remove(drop)
                            if !isLasting { refusedForNow.insert(drop) }
                            if refused.updateValue(inode, forKey: drop) != inode {
                                context.logger.warning(
                                    "\(drop.queue)/\(drop.entry) cannot be taken: \(why); it stays where it is")
                            }
                        }
                    }
                }
            }
        }
    }

    /// What could not be claimed for want of something is the next to be claimed, after a while.
    private func putBack(_ request: Claimer.Request) {
        busy.remove(request.drop)
        if isReady.updateValue(request.rejection, forKey: request.drop) == nil { ready.append(request.drop) }
        if resting != nil || isStopping { return }
        let pause = backoff.step()
        // Ended by `stop`, and else ends by itself; it touches nothing but the stream.
        resting = Task { [hindrances = context.hindrances, weak self] in
            _ = await hindrances.rest(pause)
            await self?.goOn()
        }
    }

    private func goOn() {
        resting = nil
        readySignaller.yield()
    }

    private func nextBatch() async -> [Claimer.Request]? {
        if resting != nil { return nil }
        if hasMore, ready.isEmpty, observed.count < Self.mostKnown / 2 { await scan() }
        guard !isStopping, !ready.isEmpty else { return nil }
        let most = max(1, context.settings.value.intake.maxQueued)
        var room = 0
        while room <= 0 {
            await scheduler.waitForRoom(below: most)
            // What is being judged will wait soon. Where it fills the room, `done` asks again.
            room = most - (await scheduler.waitingCount) - busy.count - acceptance.hindered.count
            if isStopping || (room <= 0 && !(busy.isEmpty && acceptance.hindered.count == 0)) { return nil }
        }
        var batch: [Claimer.Request] = []
        while batch.count < min(Self.mostClaimed, room), let drop = ready.popFirst() {
            busy.insert(drop)
            batch.append(Claimer.Request(drop: drop, rejection: isReady.removeValue(forKey: drop) ?? nil))
        }
        return batch.isEmpty ? nil : batch
    }

    /// A drop is claimed and judged, or is not there any more.
    private func done(_ drop: Drop) {
        busy.remove(drop)
        backoff = Backoff()
        said.remove("claim \(drop)")
        refused[drop] = nil
        refusedForNow.remove(drop)
        if !ready.isEmpty { readySignaller.yield() }
        // The same name may have been dropped again meanwhile, and its event came while this one was busy.
        if let queue = context.queues.known(drop.queue), queue.inbox.has(drop.entry) {
            observe(drop, .found)
            setAlarm()
        }
    }

    /// Goes on with a bundle that was claimed before a restart.
    func resume(_ claimed: Claimer.Claimed) async {
        await places.take()
        await acceptance.accept(claimed, in: places) {}
    }

    /// Makes the bundle of a job again; whether it is what was accepted, nil if the daemon stops.
    func takeAgain(_ job: Job) async -> Bool? {
        await places.take()
        defer { places.giveBack() }
        return await acceptance.takeAgain(job)
    }

    // MARK: Saying

    private func sayOnce(_ key: String, _ message: String) {
        if said.insert(key).inserted { context.logger.error("\(message)") }
    }

    private func unsay(_ key: String) { said.remove(key) }

    // MARK: The end

    /// Takes nothing more.
    func stop() {
        isStopping = true
        alarm?.cancel()
        rescanner?.cancel()
        readySignaller.finish()
    }
}
