// One build, from an empty directory to an environment that runs may have:
//
//     state/environments/KEY.tmp/bundle    requirements.txt and the wheels that came with the run; the builder's /bundle
//     state/environments/KEY.tmp/env       what becomes the environment; the builder's /env
//     state/environments/KEY/env           the same, sealed: nobody's but the daemon's, without anything that leads out of it
//     state/environments/KEY/environment.json
//
// The builder runs in a sandbox as any script does, as a user of its own, with no run's files in it; it alone has the host's network,
// if the settings want packages from there. What it leaves is walked by the launcher when its last process is dead, and
// becomes visible by one rename, after it is on disk. A crash leaves KEY.tmp, which the next start removes.

internal import Bundles
internal import Glibc
internal import Linux
internal import Logging
internal import Runs
internal import Runtimes
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
internal import SystemPackage
internal import Threads
internal import Trees

final class EnvironmentBuild: Sendable {
    let need: EnvironmentNeed
    let output: BuilderOutput
    private let context: EngineContext
    private let examiner: EnvironmentExaminer
    private let state = Mutex(State())

    private struct State {
        var sandbox: SandboxRun?
        var isCancelled = false
    }

    /// A build that failed by its own fault: a sentence.
    struct Failure: Error {
        let reason: String
    }

    /// User ids of the pool above those of runs and of archives that are unpacked; one for each build at a time.
    static let firstSlot: UInt32 = 248
    static let slots: UInt32 = 2
    private static let mostEntries: Int64 = 200_000
    private static let name = Place(SpoolLayout.Way.environments)

    init(_ need: EnvironmentNeed, _ context: EngineContext, _ examiner: EnvironmentExaminer) {
        self.need = need
        self.context = context
        self.examiner = examiner
        output = BuilderOutput(secrets: EnvironmentBuilder.secrets(need.settings.environments))
    }

    private var unfinished: EntryName { EntryName(need.key + ShownEnvironment.unfinished) }
    private var place: Place { Self.name.appending(unfinished) }
    private var settings: Settings.Environments { need.settings.environments }

    var isCancelled: Bool { state.withLock(\.isCancelled) }

    /// Nobody wants it any more.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            return state.sandbox
        }?.kill()
    }

    /// Builds it. `Failure`: it cannot be built; anything else thrown is the machine's.
    func run(slot: UInt32) async throws -> KnownEnvironment {
        let begun = SuspendingClock.now
        let environments = try context.spool.state.directory(SpoolLayout.environments)
        try await discard(from: environments)
        do {
            let builder = try await prepare(in: environments)
            try await install(with: builder, slot: slot)
            let known = try await seal(in: environments, builder.tool)
            let seconds = (SuspendingClock.now - begun).milliseconds / 1000
            context.logger.notice(
                "environment \(need.key) was built with \(builder.tool.name): \(known.packages.count) packages, \(known.bytes >> 20) MiB, \(seconds) s"
            )
            return known
        } catch {
            try? await discard(from: environments)
            throw error
        }
    }

    private func discard(from environments: Directory) async throws {
        guard environments.has(unfinished) else { return }
        do {
            try await context.trash.take(unfinished, in: Self.name)
        } catch {
            // Whoever clears up after a former daemon was quicker.
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    /// Lays out what the builder is given.
    private func prepare(in environments: Directory) async throws -> EnvironmentBuilder {
        let tool: EnvironmentBuilder.Tool
        do {
            let (settings, pythons) = (need.settings, examiner.pythons)
            tool = try await context.blocking { try EnvironmentBuilder.tool(settings, pythons) }
        } catch let error as RuntimeError { throw Failure(reason: "\(error)") }
        // Searchable by the builder's user, as a run's directory is; `state/` above is closed to everybody.
        try environments.makeDirectory(unfinished, mode: 0o711)
        let directory = try environments.directory(unfinished)
        try directory.makeDirectory(ShownEnvironment.tree, mode: 0o755)
        try directory.makeDirectory(SpoolLayout.Run.bundle, mode: 0o755)
        let bundle = try directory.directory(SpoolLayout.Run.bundle)
        let lines = need.requirements.map { $0 + "\n" }.joined()
        try bundle.create("requirements.txt", with: Array(lines.utf8))
        var hasWheels = false
        if let (run, path) = need.wheels {
            try bundle.makeDirectory("wheels", mode: 0o755)
            try copyWheels(from: examiner.directory(of: path, in: run), to: bundle.directory("wheels"))
            hasWheels = true
        }
        let builder = EnvironmentBuilder(need.python, settings, tool: tool, hasWheels: hasWheels)
        if builder.needsNetwork { try directory.copyNameServers() }
        return builder
    }

    /// The builder's user reads them, and nothing else of the run.
    private func copyWheels(from source: Directory, to target: Directory) throws {
        var bytes: Int64 = 0
        for name in try EnvironmentKey.wheels(in: source, sources: settings.buildFromSource) {
            let file = try source.open(name, O_RDONLY)
            bytes += try FileStatus.of(descriptor: file.rawValue).size
            if bytes > EnvironmentKey.mostWheelBytes { throw Failure(reason: "the bundle's wheels are too large") }
            let copy = try target.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            do {
                _ = try FileContent.copy(from: file.rawValue, to: copy.rawValue, limit: EnvironmentKey.mostWheelBytes)
            } catch {
                switch error {
                case .reading(let errno), .writing(let errno): throw errno
                case .larger: throw Failure(reason: "the bundle's wheels are too large")
                }
            }
        }
    }

    // MARK: The builder

    private func install(with builder: EnvironmentBuilder, slot: UInt32) async throws {
        let sandbox = try await start(builder, slot: slot)
        let isWanted = state.withLock { state in
            state.sandbox = sandbox
            return !state.isCancelled
        }
        if !isWanted { sandbox.kill() }
        let (exit, overrun) = await supervise(sandbox)
        await output.finished()
        state.withLock { $0.sandbox = nil }
        if isCancelled { throw CancellationError() }
        if let overrun { throw Failure(reason: overrun) }
        switch exit.end {
        case .exited(0): return
        case nil: throw LauncherError.died
        case .failed(let step, let number):
            throw LauncherError.sandbox(step, Errno(rawValue: number))
        case .killed, .signalled:
            if exit.usage?.outOfMemory == .machine {
                throw Failure(reason: "the machine had no memory left for \(builder.tool.name)")
            }
            throw Failure(reason: "\(builder.tool.name) was ended; it may have wanted more memory than a builder has")
        case .exited(let code):
            let words = ResolverWords.find(in: output.text) ?? "exit code \(code)"
            throw Failure(reason: "\(builder.tool.name): \(words)")
        }
    }

    /// The writing end of the pipe is let go of on return: from then on only the builder has it.
    private func start(_ builder: EnvironmentBuilder, slot: UInt32) async throws -> SandboxRun {
        let pipe = try Pipe()
        output.begin()
        try context.pump.read(pipe.reader, into: output)
        let null = SharedDescriptor(try OwnedDescriptor(openingForReadingAndWriting: "/dev/null"))
        var plan = SandboxPlan(
            place: place, slot: slot, program: .path([Array("/bin/sh".utf8)]),
            arguments: builder.arguments.map { Array($0.utf8) },
            environment: builder.variables.map { Array("\($0.key)=\($0.value)".utf8) }, workspace: .building)
        plan.hostNetwork = builder.needsNetwork
        if builder.needsNetwork { plan.shown = [.resolver] }
        // What is fetched lies in /tmp, which is memory, until it is installed; uv unpacks it there first.
        let size = UInt64(clamping: settings.maxSize)
        plan.limits.tmp = 2 * size
        plan.limits.fileSize = size
        plan.limits.memory = (1 << 30) + 2 * size
        plan.limits.processes = 256
        plan.limits.millicpus = 2000
        plan.required = SandboxPlan.required(need.settings.sandbox.require)
        return try await context.launcher.run(plan, input: null, output: pipe.writer, error: pipe.writer)
    }

    /// Waits for its end, and ends it if it takes too long or too much; a sentence then.
    private func supervise(_ sandbox: SandboxRun) async -> (SandboxExit, String?) {
        enum Event: Sendable {
            case ended(SandboxExit)
            case over(String)
        }
        let (place, settings, launcher) = (place, settings, context.launcher)
        return await withTaskGroup(of: Event?.self) { group in
            group.addTask { .ended(await SandboxExit(sandbox)) }
            group.addTask {
                guard (try? await Countdown.sleep(for: .milliseconds(settings.timeout))) != nil else { return nil }
                return .over("it took longer than \(DurationText.text(settings.timeout)) (environments.timeout)")
            }
            group.addTask {
                // Nothing in the kernel holds what it writes, as with a run's output.
                while (try? await Countdown.sleep(for: .seconds(1))) != nil {
                    let sample = try? await launcher.sample(
                        ShownEnvironment.tree, in: place, bytes: settings.maxSize, entries: Self.mostEntries)
                    guard let sample else { continue }
                    if sample.bytes > settings.maxSize { return .over(Self.tooLarge(settings)) }
                    if sample.entries > Self.mostEntries { return .over(Self.tooMany) }
                }
                return nil
            }
            var overrun: String?
            var exit = SandboxExit.lost
            for await event in group {
                switch event {
                case .over(let reason):
                    overrun = overrun ?? reason
                    sandbox.kill()
                case .ended(let found):
                    exit = found
                    group.cancelAll()
                case nil: break
                }
            }
            return (exit, overrun)
        }
    }

    private static func tooLarge(_ settings: Settings.Environments) -> String {
        "it is larger than \(SizeText.text(settings.maxSize)) (environments.max_size)"
    }

    private static let tooMany = "it has more than \(mostEntries) files"

    // MARK: What it left

    private func seal(in environments: Directory, _ tool: EnvironmentBuilder.Tool) async throws -> KnownEnvironment {
        let report = try await context.launcher.seal(
            place, maxBytes: settings.maxSize, maxEntries: Int(Self.mostEntries))
        if report.exceeded.contains(.output) { throw Failure(reason: Self.tooLarge(settings)) }
        if report.exceeded.contains(.outputFiles) { throw Failure(reason: Self.tooMany) }
        for problem in report.problems {
            context.logger.notice(
                "environment \(need.key): env/\(escaped(problem.path)) \(problem.detail), and is left out")
        }
        let directory = try environments.directory(unfinished)
        do {
            try TreeRemove.remove(SpoolLayout.Run.bundle, in: directory)
        } catch { throw error.errno }
        let bytes = try await context.launcher.measure(unfinished, in: Self.name)
        let now = Timestamp.now()
        let known = KnownEnvironment(
            key: need.key, python: need.python.version, requirements: need.requirements,
            packages: try InstalledPackages.list(in: directory.tree(ShownEnvironment.tree)), bytes: bytes,
            builder: tool.name, builtAt: now, usedAt: now)
        try directory.create(KnownEnvironment.record, with: Array((known.json(pretty: true) + "\n").utf8))
        try directory.unlinkIfPresent(SpoolLayout.Run.nameServers)
        // Its name says that it is whole, also after a power cut.
        try await context.flusher.flush()
        try environments.rename(unfinished, to: EntryName(need.key))
        return known
    }
}
