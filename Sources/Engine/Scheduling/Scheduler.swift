internal import Glibc
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import Spool
internal import SystemPackage

/// Gives waiting jobs their turns: at most `slots` at a time, at most a queue's own, none while the disk is nearly full.
actor Scheduler {
    private let context: EngineContext
    private let runner: Runner
    private let publisher: Publisher
    private let environments: Environments
    private let slotsOverride: Int?

    private var schedule = Schedule()
    /// Jobs that wait for the time of another attempt.
    private var delays = Delays()
    private var alarm: Alarm?
    /// Jobs that wait for what they need, in no queue meanwhile.
    private var preparing: Set<RunID> = []
    private var jobs: [RunID: Job] = [:]
    private var freeSlots: [Int]
    private var usedSlots: Set<Int> = []
    private var slots: Int
    private var running = 0
    /// Runs that have ended and whose results are not visible yet; their number holds back new starts.
    private var publishing = 0
    private var lastPublished: SuspendingClock.Instant?
    private var paused: Set<QueueName> = []
    private var isDraining = false
    private(set) var isStopping = false
    private var isDiskFull = false
    /// Nothing else tells when there is room again.
    private var spaceAlarm: Alarm?
    /// Jobs that could not be started for want of something; they wait, but are not next until another could be.
    private var setAside: [RunID: Job] = [:]
    /// While it is hindered one is started at a time, and none while it rests.
    private var startsHindered = false
    /// The one that is being tried.
    private var trying: RunID?
    private var resting: Task<Void, Never>?
    private var backoff = Backoff()
    /// Wishes that came before their run, or while it was being taken over: given the run's owner, who asked, if they may.
    private var cancellations: [RunID: @Sendable (UInt32) -> String?] = [:]

    /// What to do next, in the order it was decided; done by `run()`.
    private let work: AsyncStream<Work>
    private let worker: AsyncStream<Work>.Continuation
    /// Called when there is room for more bundles again.
    private var roomWaiters: [CheckedContinuation<Void, Never>] = []
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []

    private enum Work: Sendable {
        case run(Job, slot: Int)
        case publish(Publisher.Ended)
        case resume(@Sendable () async -> Void)
    }

    /// The default of `slots`.
    private static let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// So many ended runs may wait for their flush and rename before nothing more is started.
    private static let mostPublishing = 64

    init(context: EngineContext, runner: Runner, publisher: Publisher, environments: Environments, slots override: Int?)
    {
        self.context = context
        self.runner = runner
        self.publisher = publisher
        self.environments = environments
        slotsOverride = override
        slots = override ?? context.settings.value.slots ?? Self.processors
        freeSlots = Array((0..<slots).reversed())
        (work, worker) = AsyncStream<Work>.makeStream()
    }

    /// Runs what is decided, until `stop` and the end of everything that was begun.
    func run() async {
        let work = work
        await withDiscardingTaskGroup { group in
            for await next in work {
                switch next {
                case .run(let job, let slot):
                    group.addTask { await self.execute(job, slot: slot) }
                case .publish(let ended):
                    group.addTask { await self.conclude(ended) }
                case .resume(let body): group.addTask { await body() }
                }
            }
        }
    }

    private func execute(_ job: Job, slot: Int) async {
        let outcome = await runner.run(job, slot: slot) { [self] in await started() }
        if outcome?.isHindered == true { return hindered(job, slot: slot) }
        ended(job, slot: slot)
        guard let outcome else { return published() }
        await conclude(Publisher.Ended(job, outcome.status, hasRun: outcome.hasRun))
    }

    private func conclude(_ ended: Publisher.Ended) async {
        let mayRetry = delays.count < context.settings.value.intake.maxQueued
        if let next = await publisher.publish(ended, mayRetry: mayRetry, company: company) {
            submit(next)
        } else {
            // A wish that came too late.
            cancellations[ended.claim.run] = nil
        }
        published()
    }

    // MARK: What comes in

    /// A bundle was accepted, or is to be tried again: it waits from here on.
    func submit(_ job: Job) {
        if let asker = cancellations.removeValue(forKey: job.run)?(job.claim.owner) {
            publishCancelled(job, asker)
            return
        }
        jobs[job.run] = job
        if let wait = job.wait, wait.due > .now {
            delays.add(job.run, due: wait.due)
            wake(at: wait.due)
        } else {
            ready(job)
            startWhatMay()
        }
    }

    /// It waits for its turn, or for what it needs first; then its turn is the same as if it had not had to.
    private func ready(_ job: Job) {
        if !job.manifest.needsPreparation || job.prepared != nil { return enqueue(job) }
        preparing.insert(job.run)
        worker.yield(.resume { [self] in await prepared(job, environments.prepare(job)) })
    }

    private func prepared(_ job: Job, _ preparation: Preparation) async {
        // One that was cancelled meanwhile has its result.
        let isWanted = preparing.remove(job.run) != nil
        switch preparation {
        case .ready(let prepared, let waited):
            guard isWanted, !isStopping else { return await environments.release(prepared) }
            var job = job
            job.prepared = prepared
            jobs[job.run] = job
            if waited { show(job) }
            enqueue(job)
            startWhatMay()
        case .failed(let reason, let output):
            guard isWanted, !isStopping else { return }
            jobs[job.run] = nil
            var status = job.status(.errored)
            status.reason = reason
            if !output.isEmpty {
                keep(output, of: job)
                status.stderrBytes = Int64(output.count)
            }
            publish(Publisher.Ended(job, status, hasRun: false))
            wakeRoomWaiters()
        case .dropped: break
        }
    }

    /// Readers of a run that had to wait for what it needs see that it waits for its turn. A courtesy.
    private func show(_ job: Job) {
        guard let queue = context.queues.known(job.claim.queue) else { return }
        try? context.spool.resultDirectory(job.claim.name, job.run, in: queue.active).write(job.status(.queued))
    }

    /// What the builder said is the run's standard error: nothing else will be.
    private func keep(_ output: [UInt8], of job: Job) {
        do {
            guard let queue = context.queues.known(job.claim.queue) else { return }
            let result = try context.spool.resultDirectory(job.claim.name, job.run, in: queue.active)
            let file = try result.makeLog(SpoolLayout.Result.stderr)
            try writeAll(file.rawValue, output)
        } catch {
            context.logger.warning("\(job.run): cannot keep what the builder said: \(error)")
        }
    }

    private func enqueue(_ job: Job) {
        schedule.add(
            job.run, queue: job.claim.queue, priority: job.manifest.priority, sequence: job.claim.sequence)
    }

    private func wake(at time: SuspendingClock.Instant) {
        let alarm = alarm ?? Alarm { [weak self] in await self?.enqueueWhatIsDue() }
        self.alarm = alarm
        alarm.set(time)
    }

    /// The pause before another attempt is over for some.
    private func enqueueWhatIsDue() {
        while let run = delays.next(at: .now) { if let job = jobs[run] { ready(job) } }
        if let due = delays.firstDue { wake(at: due) }
        startWhatMay()
    }

    /// Publishes a run that never ran: rejected, or given up.
    func publish(_ ended: Publisher.Ended) {
        publishing += 1
        worker.yield(.publish(ended))
    }

    /// Goes on, in the group of everything that runs, with what recovery found.
    func resume(_ body: @escaping @Sendable () async -> Void) { worker.yield(.resume(body)) }

    /// What became of a wish to end a run.
    enum Cancellation: Sendable {
        case accepted(by: String)
        case refused
        /// The run is not known yet; it is ended when it comes, if who asked may.
        case kept
    }

    /// A wish whose run was over before it came.
    func forgetWish(_ run: RunID) { cancellations[run] = nil }

    /// Ends a run that waits, runs or is still to come. One step: between asking for the run and keeping the wish it could come.
    ///
    /// - Parameter asker: given the run's owner, who asked, if they may.
    func cancel(_ run: RunID, by asker: @escaping @Sendable (UInt32) -> String?) -> Cancellation {
        guard let job = jobs[run] else {
            cancellations[run] = asker
            return .kept
        }
        guard let name = asker(job.claim.owner) else { return .refused }
        cancel(run, by: name)
        return .accepted(by: name)
    }

    /// Who wants a run ended that is still to come, if they may.
    func canceller(of run: RunID, owner: UInt32) -> String? { cancellations[run]?(owner) }

    private func cancel(_ run: RunID, by asker: String) {
        if let job = jobs[run],
            schedule.withdraw(run) || delays.withdraw(run) || setAside.removeValue(forKey: run) != nil
                || preparing.remove(run) != nil
        {
            jobs[run] = nil
            release(job)
            publishCancelled(job, asker)
        } else if jobs[run] != nil {
            // If it has just ended by itself, there shall be no further attempt.
            cancellations[run] = { _ in asker }
            runner.running.tell(run, .end(.cancelled(by: asker)))
        }
    }

    func setControl(paused: Set<QueueName>, isDraining: Bool) {
        self.paused = paused
        self.isDraining = isDraining
        startWhatMay()
    }

    /// The settings were read again.
    func settingsChanged() {
        let wanted = slotsOverride ?? context.settings.value.slots ?? Self.processors
        freeSlots = (0..<wanted).filter { !usedSlots.contains($0) }.reversed()
        slots = wanted
        startWhatMay()
        wakeRoomWaiters()
    }

    // MARK: Room

    var waitingCount: Int { schedule.waitingCount + setAside.count + preparing.count }

    /// What else is under way, so that a result can share its flush and its transaction.
    private var company: Publisher.Company {
        if isAnyWaiting { return .waiting }
        return running > 0 || publishing > 1 ? .running : .none
    }

    /// Whether somebody waits for a result, or did a moment ago, so that what can be done later should make room: of a drop that
    /// comes next, the claiming and the judging are not seen here.
    var isBusy: Bool {
        if running > 0 || publishing > 0 || isAnyWaiting { return true }
        return lastPublished.map { SuspendingClock.now - $0 < Self.moment } ?? false
    }

    private static let moment = Duration.seconds(2)

    private var isAnyWaiting: Bool { !isDraining && schedule.isAnyWaiting { paused.contains($0) ? 0 : 1 } }

    /// Returns when fewer than `limit` wait.
    func waitForRoom(below limit: Int) async {
        while waitingCount >= limit, !isStopping {
            await withCheckedContinuation { roomWaiters.append($0) }
        }
    }

    private func wakeRoomWaiters() {
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Turns

    private func startWhatMay() {
        guard !isStopping, !isDraining, !context.launcher.isGone, resting == nil else { return }
        let settings = context.settings.value
        while let slot = freeSlots.last, publishing < Self.mostPublishing, !(startsHindered && trying != nil) {
            guard schedule.waitingCount > 0, hasSpace(settings.minFreeSpace) else { return }
            let next = schedule.next { queue in
                paused.contains(queue) ? 0 : min(settings.queue(queue).slots ?? slots, slots)
            }
            guard let next, let job = jobs[next] else { return }
            freeSlots.removeLast()
            usedSlots.insert(slot)
            running += 1
            if startsHindered { trying = next }
            // Whoever cancels it from here on reaches it, whatever is still to be done before it runs.
            runner.running.expect(next)
            worker.yield(.run(job, slot: slot))
        }
    }

    /// A job could not be started for want of something: it waits again, and nothing is started for a while. Then one is tried,
    /// another one if there is: what one lacks, a smaller one may not need.
    private func hindered(_ job: Job, slot: Int) {
        startsHindered = true
        trying = nil
        running -= 1
        schedule.ended(in: job.claim.queue)
        usedSlots.remove(slot)
        if slot < slots { freeSlots.append(slot) }
        if let asker = cancellations.removeValue(forKey: job.run)?(job.claim.owner) {
            jobs[job.run] = nil
            release(job)
            publishCancelled(job, asker)
        } else {
            setAside[job.run] = job
        }
        wakeIfIdle()
        if resting != nil || isStopping { return }
        let pause = backoff.step()
        // Ended by the hindrances' `stop`, and else ends by itself.
        resting = Task { [hindrances = context.hindrances, weak self] in
            _ = await hindrances.rest(pause)
            await self?.tryAgain()
        }
    }

    private func tryAgain() {
        resting = nil
        if isStopping { return }
        if schedule.waitingCount == 0 { takeBack() }
        startWhatMay()
    }

    /// A script runs: nothing is lacking any more.
    private func started() {
        guard startsHindered else { return }
        startsHindered = false
        trying = nil
        backoff = Backoff()
        context.hindrances.end(.starting)
        takeBack()
        startWhatMay()
    }

    private func takeBack() {
        for job in setAside.values { enqueue(job) }
        setAside = [:]
    }

    private func ended(_ job: Job, slot: Int) {
        if trying == job.run { trying = nil }
        jobs[job.run] = nil
        release(job)
        running -= 1
        publishing += 1
        schedule.ended(in: job.claim.queue)
        usedSlots.remove(slot)
        if slot < slots { freeSlots.append(slot) }
        startWhatMay()
        wakeRoomWaiters()
    }

    /// It needs what it was given no longer, or what it waits for.
    private func release(_ job: Job) {
        guard job.manifest.needsPreparation else { return }
        worker.yield(
            .resume { [environments] in
                if let prepared = job.prepared {
                    await environments.release(prepared)
                } else {
                    await environments.withdraw(job.run)
                }
            })
    }

    private func published() {
        publishing -= 1
        lastPublished = .now
        startWhatMay()
        wakeIfIdle()
    }

    private func wakeIfIdle() {
        guard running == 0, publishing == 0 else { return }
        let waiters = idleWaiters
        idleWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    private func publishCancelled(_ job: Job, _ asker: String) {
        var status = job.status(.cancelled)
        status.reason =
            "cancelled by \(asker) before \(job.earlier.isEmpty ? "it began" : "attempt \(job.attempt) began")"
        publish(Publisher.Ended(job, status, hasRun: false))
        wakeRoomWaiters()
    }

    private func hasSpace(_ wanted: Int64) -> Bool {
        let free = (try? context.spool.freeSpace()) ?? .max
        if free < wanted, !isDiskFull {
            context.logger.warning(
                "only \(free) bytes are free in the spool, nothing new starts until there are \(wanted) (min_free_space)"
            )
        } else if free >= wanted, isDiskFull {
            context.logger.notice("there is room in the spool again")
        }
        isDiskFull = free < wanted
        if isDiskFull {
            if spaceAlarm == nil { spaceAlarm = Alarm { [weak self] in await self?.reconsider() } }
            spaceAlarm?.set(.now + .seconds(5))
        }
        return !isDiskFull
    }

    /// Looks again whether what held starts back is gone.
    func reconsider() { if isDiskFull { startWhatMay() } }

    // MARK: The end

    /// Starts nothing more.
    func stopStarting() {
        isStopping = true
        spaceAlarm?.cancel()
        wakeRoomWaiters()
    }

    /// Returns when nothing runs and every result is out.
    func waitUntilIdle() async {
        if running == 0, publishing == 0 { return }
        await withCheckedContinuation { idleWaiters.append($0) }
    }

    /// Lets `run()` return when all it began has ended.
    func finish() {
        alarm?.cancel()
        worker.finish()
    }
}
