// The order of the start. As root: the spool is opened and locked and the launcher started while there are privileges, then they
// are given up, and only then comes a second thread, and the first byte that a stranger wrote is read.

internal import ArgumentParser
internal import Bundles
internal import Engine
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import ServiceLifecycle
internal import Spool
internal import SystemPackage
internal import Threads
internal import UnixSignals

/// A daemon that is about to run.
struct Startup {
    let spool: Spool
    let lock: SpoolLock
    let launcher: Launcher
    let unpacker: SharedDescriptor
    let validator: SharedDescriptor
    let settings: Settings
    let options: Engine.Options
    let logger: Logger

    /// Everything that needs privileges, and giving them up. Call it on the only thread.
    init(spoolPath: String, slots: Int?, stopTimeout: Int64, logger: Logger) throws {
        self.logger = logger
        var options = Engine.Options(slots: slots, stopTimeout: stopTimeout)
        #if DEBUG
        // For tests, which look whether nothing is left there.
        if getenv("BOBBIN_EMPTY_TRASH") != nil { options.trashPatience = .milliseconds(50) }
        #endif
        self.options = options
        umask(0o022)
        signal(SIGPIPE, SIG_IGN)
        Self.raiseOpenFiles()
        do {
            spool = try Spool(preparing: spoolPath)
            lock = try spool.lock()
        } catch {
            if case .locked = error.code { throw StartupFailure(StartupFailure.unavailable, [error.description]) }
            throw StartupFailure(StartupFailure.cannotCreate, [error.description])
        }
        let programs = try Programs.find()
        do {
            unpacker = SharedDescriptor(try Programs.open(programs.unpacker))
            validator = SharedDescriptor(try Programs.open(programs.validator))
            launcher = try Launcher(
                executable: programs.launcher, spool: spool.root, options: Self.launcherOptions(spool))
        } catch {
            throw StartupFailure(
                StartupFailure.internalError,
                ["cannot start the launcher: \(error)", "see what is lacking: bobbin doctor"])
        }
        do {
            try Credentials.become(user: spool.owner, group: spool.adminGroup)
        } catch {
            throw StartupFailure(StartupFailure.internalError, ["cannot give up privileges: \(error)"])
        }
        if spool.owner == 0 {
            logger.warning(
                "the spool belongs to root: running as root without capabilities; better give it to a user of its own: bobbin init"
            )
        }
        settings = try Self.readSettings(spool)
    }

    /// What of bobbin.yaml the launcher is told and, of the network, holds runs to for as long as it lives. The file is the
    /// spool's owner's, so that no privilege reads it.
    private static func readCeilings(_ spool: Spool, into options: inout LauncherOptions) {
        // A wrong file is told by the reading that follows when privileges are gone.
        let read: () -> [UInt8] = {
            guard let settings = try? readSettings(spool) else { return [] }
            var ceilings = JSONWriter()
            ceilings.add("host_network", settings.allowsHostNetwork)
            ceilings.add("builders_network", settings.environments.needsNetwork)
            if let group = settings.sandbox.controlGroup { ceilings.add("cgroup", group) }
            // What the spool's owner cannot read itself is not shown to builders, and a link is followed by the owner, not by root.
            ceilings.addArray("find_links") { array in
                for path in settings.environments.linkDirectories { array.addElement(readable(path) ?? path) }
            }
            return Array(ceilings.finished().utf8)
        }
        let answer =
            geteuid() == 0
            ? (try? ForkedAnswer.find(user: spool.owner, group: spool.adminGroup, read)) ?? [] : read()
        guard case .object(let ceilings)? = JSONValue(reading: answer) else { return }
        options.hostNetwork = (try? ceilings.boolean("host_network")) ?? false
        options.buildersNetwork = (try? ceilings.boolean("builders_network")) ?? false
        if let group = try? ceilings.text("cgroup") { options.controlGroup = .named(group) }
        if case .array(let paths)? = ceilings["find_links"] {
            for case .text(let path) in paths { options.linkDirectories.append(path) }
        }
    }

    /// Where a directory that this user may look into lies, without links; nil if it may not, or there is none.
    private static func readable(_ path: String) -> String? {
        guard access(path, R_OK | X_OK) == 0, let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func launcherOptions(_ spool: Spool) -> LauncherOptions {
        let isRoot = geteuid() == 0
        var options = LauncherOptions(
            owner: FileOwnership(
                owner: isRoot ? spool.owner : geteuid(), group: isRoot ? spool.adminGroup : getegid()))
        readCeilings(spool, into: &options)
        #if DEBUG
        // For tests, which see that the lack of a protection is noticed. A release build cannot be asked for it.
        if let names = getenv("BOBBIN_WITHOUT").map({ String(cString: $0) }) {
            options.without = Set(names.split(separator: ",").compactMap { Mechanism(rawValue: String($0)) })
        }
        if let path = getenv("BOBBIN_SHOW") { options.shown.append(String(cString: path)) }
        #endif
        return options
    }

    /// Makes the threads that tasks run on: before the first `await`, which would be the first to need one.
    func beginThreads() throws {
        do {
            try GlobalExecutor.install()
        } catch {
            throw StartupFailure(StartupFailure.internalError, ["cannot start threads: \(error)"])
        }
    }

    /// The daemon's life.
    func run() async throws {
        try launcher.listen()
        let history = HistoryWriter(unopened: try historyPath())
        let engine = try Engine(
            spool: spool, launcher: launcher, history: history, settings: settings, unpacker: unpacker,
            validator: validator, options: options, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: engine, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service:
                        Reloader(
                            engine: engine, spool: spool, ceilings: launcher.options,
                            linkDirectories: settings.environments.linkDirectories,
                            logger: logger)),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger)
        group.maximumGracefulShutdownDuration = nil
        ProgramMemory.release()
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as EngineError {
            throw StartupFailure(StartupFailure.internalError, [error.description])
        } catch let error as HistoryError {
            throw StartupFailure(StartupFailure.internalError, ["cannot use the history: \(error)"])
        }
        launcher.stop()
        try history.close()
    }

    /// ServiceLifecycle tells its own steps at info; they say nothing to an operator.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    /// SQLite wants a path: the one place where the spool's is used after the start.
    private func historyPath() throws -> String {
        guard let resolved = realpath("/proc/self/fd/\(spool.history.rawValue)", nil) else {
            let reason = String(cString: strerror(errno))
            throw StartupFailure(
                StartupFailure.cannotCreate,
                [
                    "user \(UserDatabase.name(ofUser: geteuid()) ?? String(geteuid())) cannot reach \(spool.path)/history: \(reason)",
                    "a directory above the spool is closed to it: open that one (chmod o+x), or use a spool elsewhere",
                ])
        }
        defer { free(resolved) }
        return String(cString: resolved) + "/\(SpoolLayout.database)"
    }

    static func readSettings(_ spool: Spool) throws -> Settings {
        do {
            let bytes = try spool.root.read(SpoolLayout.settings, limit: 256 << 10)
            return try SettingsFile.reading(bytes).get().settings
        } catch let error as InvalidFile {
            throw StartupFailure(StartupFailure.badData, error.errors.map(\.description))
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            return Settings()
        } catch {
            throw StartupFailure(StartupFailure.badData, ["\(spool.path)/bobbin.yaml: \(error)"])
        }
    }

    /// Every running job has some descriptors: the soft limit is for programs that use select(2) on many.
    private static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
