internal import Glibc
internal import Linux
internal import Logging
internal import Runs
internal import Runtimes
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// What scripts' requirements were built into: who needs one gets it, waits for it, or learns why there is none.
///
/// One builder is at work for an environment at a time, and two in all. As long as a run has one, or waits with it for its turn, it
/// stays; what nobody has is swept, or removed when that is asked for.
actor Environments {
    private let context: EngineContext
    private let examiner: EnvironmentExaminer
    private var entries: [String: Entry] = [:]
    private var failures: [String: Failed] = [:]
    private var isStopping = false
    private var freeSlots = (0..<EnvironmentBuild.slots).map { EnvironmentBuild.firstSlot + $0 }
    private var waitingBuilds: [String] = []
    private let work: AsyncStream<(EnvironmentBuild, UInt32)>
    private let worker: AsyncStream<(EnvironmentBuild, UInt32)>.Continuation

    private enum Entry {
        case building(Building)
        case ready(Ready)
        case removing([CheckedContinuation<Void, Never>])
    }

    private struct Building {
        let build: EnvironmentBuild
        var waiting: [RunID: Waiting] = [:]
        var hasBegun = false
    }

    private struct Waiting {
        let job: Job
        let continuation: CheckedContinuation<Preparation?, Never>
    }

    private struct Ready {
        let known: KnownEnvironment
        var users = 0
        var touched: SuspendingClock.Instant?
    }

    private struct Failed {
        let reason: String
        let output: [UInt8]
        let over: SuspendingClock.Instant
        let until: Timestamp
    }

    /// Between two marks of its last use.
    private static let touching = Duration.seconds(60)
    /// Failures that are remembered.
    private static let mostFailures = 256
    /// Bytes of what a builder said that are kept with each.
    private static let mostRemembered = 32 << 10
    /// Between two times that readers are told what a builder says, and of how many runs.
    private static let telling = Duration.milliseconds(500)
    private static let mostTold = 64

    init(context: EngineContext) {
        self.context = context
        examiner = EnvironmentExaminer(spool: context.spool)
        (work, worker) = AsyncStream<(EnvironmentBuild, UInt32)>.makeStream()
    }

    // MARK: For runs

    /// What a run is given, as soon as there is it. Who gets one that was built gives it back with `release`.
    func prepare(_ job: Job) async -> Preparation {
        let need: EnvironmentNeed
        do {
            let (settings, examiner) = (context.settings.value, examiner)
            switch try await context.blocking({ try examiner.examine(job, settings) }) {
            case .nothingToInstall(let prepared): return .ready(prepared, waited: false)
            case .environment(let found): need = found
            }
        } catch {
            return .failed(Runner.reason(error), output: [])
        }
        while true {
            if isStopping { return .dropped }
            switch entries[need.key] {
            case .ready:
                if let prepared = use(need.key) { return .ready(prepared, waited: false) }
            case .building:
                if let preparation = await wait(job, for: need.key) { return preparation }
            case .removing:
                await withCheckedContinuation { continuation in
                    guard case .removing(let waiting) = entries[need.key] else { return continuation.resume() }
                    entries[need.key] = .removing(waiting + [continuation])
                }
            case nil:
                if find(need.key) { continue }
                if let failed = failures[need.key], failed.over > .now {
                    let again = "; that was tried already, and will not be again before \(failed.until)"
                    return .failed(failed.reason + again, output: failed.output)
                }
                if !need.settings.environments.enabled {
                    return .failed("this spool makes no environments (environments.enabled in bobbin.yaml)", output: [])
                }
                failures[need.key] = nil
                entries[need.key] = .building(Building(build: EnvironmentBuild(need, context, examiner)))
                waitingBuilds.append(need.key)
            }
        }
    }

    /// A run that waits wants it no longer. Who was the last ends the build.
    func withdraw(_ run: RunID) {
        for (key, entry) in entries {
            guard case .building(var building) = entry, let waiting = building.waiting.removeValue(forKey: run) else {
                continue
            }
            entries[key] = .building(building)
            waiting.continuation.resume(returning: .dropped)
            if building.waiting.isEmpty { giveUp(key, building) }
            return
        }
    }

    private func giveUp(_ key: String, _ building: Building) {
        building.build.cancel()
        // One that has begun is forgotten when its builder is dead.
        if building.hasBegun { return }
        entries[key] = nil
        waitingBuilds.removeAll { $0 == key }
    }

    /// A run is over that had one.
    func release(_ prepared: PreparedEnvironment) {
        guard let name = prepared.name?.string, case .ready(var ready) = entries[name] else { return }
        ready.users -= 1
        entries[name] = .ready(ready)
    }

    /// One more has it; nil if it is not there any more.
    private func use(_ key: String) -> PreparedEnvironment? {
        guard case .ready(var ready) = entries[key] else { return nil }
        let now = SuspendingClock.now
        do throws(Errno) {
            let directory = try environments().directory(EntryName(key))
            if ready.touched.map({ now - $0 > Self.touching }) ?? true {
                try directory.touch()
                ready.touched = now
            }
        } catch {
            // Removed by hand, which is an operator's right.
            if ready.users == 0 { entries[key] = nil } else { context.logger.error("environment \(key): \(error)") }
            if ready.users == 0 { return nil }
        }
        ready.users += 1
        entries[key] = .ready(ready)
        return PreparedEnvironment(name: EntryName(key), interpreter: .environment, status: ready.known.status)
    }

    private func environments() throws(Errno) -> Directory {
        try context.spool.state.directory(SpoolLayout.environments)
    }

    /// Looks for one that a former daemon has built.
    private func find(_ key: String) -> Bool {
        guard let directory = try? environments().directory(EntryName(key)),
            let known = KnownEnvironment.reading(directory), known.key == key
        else { return false }
        entries[key] = .ready(Ready(known: known))
        return true
    }

    // MARK: Building

    /// - Returns: nil if it is to be looked again.
    private func wait(_ job: Job, for key: String) async -> Preparation? {
        if case .building(let building) = entries[key] {
            tell([job], building.build.output.lastLine ?? "waiting for its environment to be built")
        }
        return await withCheckedContinuation { continuation in
            guard case .building(var building) = entries[key], !isStopping else {
                return continuation.resume(returning: .dropped)
            }
            building.waiting[job.run] = Waiting(job: job, continuation: continuation)
            entries[key] = .building(building)
            beginBuilds()
        }
    }

    private func beginBuilds() {
        while !isStopping, let slot = freeSlots.last, let key = waitingBuilds.first {
            waitingBuilds.removeFirst()
            guard case .building(var building) = entries[key] else { continue }
            building.hasBegun = true
            entries[key] = .building(building)
            freeSlots.removeLast()
            worker.yield((building.build, slot))
        }
    }

    /// Builds what is decided, until `stop` and the end of every builder.
    func run() async {
        await removeUnfinished()
        write()
        let work = work
        await withDiscardingTaskGroup { group in
            for await (build, slot) in work {
                group.addTask { await self.build(build, slot) }
            }
        }
    }

    private func build(_ build: EnvironmentBuild, _ slot: UInt32) async {
        let key = build.need.key
        let telling = Task { await self.tellWaiting(of: build) }
        let outcome = await finish(build, slot)
        // It ends with the output, or here, where nothing was said.
        telling.cancel()
        await telling.value
        freeSlots.append(slot)
        guard case .building(let building) = entries[key] else { return beginBuilds() }
        let waiting = building.waiting
        switch outcome {
        case .success(let known):
            entries[key] = .ready(Ready(known: known))
            write()
            for run in waiting.values {
                run.continuation.resume(
                    returning: use(key).map { .ready($0, waited: true) }
                        ?? .failed("environment \(key) was removed while it was built", output: []))
            }
        case .failure(let error):
            entries[key] = nil
            if build.isCancelled {
                // Who came while the builder was on its way to its end looks again.
                for run in waiting.values { run.continuation.resume(returning: isStopping ? .dropped : nil) }
                break
            }
            if context.launcher.isGone {
                // Nothing can be built any more; the records say how it goes on.
                for run in waiting.values { run.continuation.resume(returning: .dropped) }
                break
            }
            let reason =
                "its environment cannot be built: "
                + ((error as? EnvironmentBuild.Failure)?.reason ?? Runner.reason(error))
            let output = build.output.text
            context.logger.warning("environment \(key): \(reason)")
            remember(
                key,
                Failed(
                    reason: reason, output: Array(output.suffix(Self.mostRemembered)),
                    over: .now + .milliseconds(build.need.settings.environments.retryFailedAfter),
                    until: Timestamp(
                        milliseconds: Timestamp.now().milliseconds + build.need.settings.environments.retryFailedAfter))
            )
            for run in waiting.values { run.continuation.resume(returning: .failed(reason, output: output)) }
        }
        beginBuilds()
    }

    /// Builds until it is built, or cannot be: what the machine lacks for the moment is waited for.
    private func finish(_ build: EnvironmentBuild, _ slot: UInt32) async -> Result<KnownEnvironment, any Error> {
        var backoff = Backoff(first: .seconds(1), most: .seconds(5))
        while true {
            do {
                try checkSpace(build)
                let known = try await context.launcher.again { try await build.run(slot: slot) }
                context.hindrances.end(.preparing)
                return .success(known)
            } catch {
                guard Hindrances.isPassing(error), !build.isCancelled else { return .failure(error) }
                context.hindrances.begin(.preparing, "environment \(build.need.key)", error)
                guard await context.hindrances.rest(backoff.step()), !build.isCancelled else { return .failure(error) }
            }
        }
    }

    private func checkSpace(_ build: EnvironmentBuild) throws(Errno) {
        if (try? context.spool.freeSpace()) ?? .max < context.settings.value.minFreeSpace { throw .noSpace }
    }

    private func remember(_ key: String, _ failed: Failed) {
        if failures.count >= Self.mostFailures {
            failures = failures.filter { $0.value.over > .now }
            if failures.count >= Self.mostFailures { failures = [:] }
        }
        failures[key] = failed
    }

    // MARK: What readers see

    private func tellWaiting(of build: EnvironmentBuild) async {
        for await _ in build.output.changes {
            if case .building(let building) = entries[build.need.key], let line = build.output.lastLine {
                tell(building.waiting.values.prefix(Self.mostTold).map(\.job), line)
            }
            if (try? await Task.sleep(for: Self.telling, clock: .suspending)) == nil { return }
        }
    }

    /// What its readers see is a courtesy.
    private func tell(_ jobs: [Job], _ line: String) {
        for job in jobs {
            guard let queue = context.queues.known(job.claim.queue) else { continue }
            var status = job.status(.preparing)
            status.report.progressText = line
            try? context.spool.resultDirectory(job.claim.name, job.run, in: queue.active).write(status)
        }
    }

    /// Tells the commands what there is.
    private func write() {
        do throws(Errno) {
            try KnownEnvironment.write(try all(), in: context.spool.control)
        } catch {
            context.logger.warning("control/environments.json cannot be written: \(error)")
        }
    }

    private func all() throws(Errno) -> [KnownEnvironment] {
        let directory = try environments()
        return try directory.entries().compactMap { entry in
            guard ShownEnvironment.isKey(entry.name), let own = try? directory.directory(entry.name),
                var known = KnownEnvironment.reading(own), let status = try? own.status()
            else { return nil }
            known.usedAt = Timestamp(milliseconds: status.modified / 1_000_000)
            return known
        }.sorted { ($1.usedAt, $0.key) < ($0.usedAt, $1.key) }
    }

    // MARK: Removing

    /// Whether it is unused, or unknown, and is thrown away.
    ///
    /// - Parameter name: an entry of `state/environments`.
    func remove(_ name: EntryName) async throws(LauncherError) -> Removal {
        let key = name.string ?? ""
        switch entries[key] {
        case .ready(let ready) where ready.users > 0: return .inUse(ready.users)
        case .removing: return .none
        // Being built: nothing of that name is there.
        case .building: return .none
        case .ready, nil: break
        }
        if isBeingBuilt(name) { return .inUse(1) }
        entries[key] = .removing([])
        defer {
            if case .removing(let waiting) = entries[key] {
                entries[key] = nil
                for continuation in waiting { continuation.resume() }
            }
        }
        guard (try? environments())?.has(name) == true else { return .none }
        try await context.trash.take(name, in: Place(SpoolLayout.Way.environments))
        return .removed
    }

    enum Removal: Sendable {
        case removed
        case none
        /// By so many runs.
        case inUse(Int)
    }

    /// Whether a sweep has to leave it.
    func isNeeded(_ name: EntryName) -> Bool {
        if isBeingBuilt(name) { return true }
        if case .ready(let ready)? = name.string.flatMap({ entries[$0] }) { return ready.users > 0 }
        return false
    }

    private func isBeingBuilt(_ name: EntryName) -> Bool {
        guard name.hasSuffix(ShownEnvironment.unfinished), let text = name.string,
            case .building? = entries[String(text.dropLast(ShownEnvironment.unfinished.utf8.count))]
        else { return false }
        return true
    }

    /// Something was removed.
    func removed() { write() }

    /// What builders of a former daemon left, who are dead: their launcher was.
    private func removeUnfinished() async {
        do {
            for entry in try environments().entries()
            where entry.name.hasSuffix(ShownEnvironment.unfinished) && !isBeingBuilt(entry.name) {
                try await context.trash.take(entry.name, in: Place(SpoolLayout.Way.environments))
            }
        } catch {
            context.logger.warning("state/environments cannot be cleared: \(error)")
        }
    }

    // MARK: The end

    /// Ends every builder; whoever waits goes on with the next daemon.
    func stop() {
        isStopping = true
        for (key, entry) in entries {
            guard case .building(var building) = entry else { continue }
            building.build.cancel()
            for run in building.waiting.values { run.continuation.resume(returning: .dropped) }
            building.waiting = [:]
            entries[key] = building.hasBegun ? .building(building) : nil
        }
        worker.finish()
    }
}
