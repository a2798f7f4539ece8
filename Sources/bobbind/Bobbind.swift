internal import ArgumentParser
internal import Bundles
internal import Engine
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import ServiceLifecycle
internal import Spool
internal import SystemPackage
internal import UnixSignals

/// The daemon's command line, and its start in the order that matters.
struct Bobbind: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bobbind",
        abstract: "Run what is dropped into a spool's inboxes, and put the results into its outboxes.",
        discussion: """
            Stays in the foreground and logs to standard error. As root it runs as the spool's own user, without \
            capabilities; a small helper, bobbin-launcher, keeps the privilege that sandboxes need. SIGTERM ends it \
            gracefully, SIGHUP makes it read bobbin.yaml again.

            EXAMPLES
              bobbin init spool && bobbind --spool spool
              bobbind --spool /var/spool/bobbin --slots 4 --log-format journal
            """,
        version: BobbinVersion.current)

    @Option(help: "The spool. Default: $BOBBIN_SPOOL, else ./spool if you or root own it, else /var/spool/bobbin.")
    var spool: String?

    @Option(help: "Runs at a time. Default: $BOBBIN_SLOTS, else bobbin.yaml, else the number of processors.")
    var slots: Int?

    @Option(name: .customLong("log-format"), help: "How log lines look: plain, json or journal.")
    var logFormat: LogFormat = .plain

    @Option(name: .customLong("stop-timeout"), help: "How long running work gets at SIGTERM before it is interrupted.")
    var stopTimeout: String = "30s"

    /// Everything before the first `await`.
    func start() throws -> Startup {
        try closeInherited()
        return try Startup(
            spoolPath: SpoolChoice.path(option: spool), slots: chosenSlots(), stopTimeout: milliseconds(stopTimeout),
            logger: makeLogger())
    }

    /// Nothing of its starter's is the daemon's: it would keep pipes and locks of others for as long as it lives, and with a
    /// thousand of them none would be left below 1024 for libinotifytools, which uses select(2).
    private func closeInherited() throws {
        do {
            try InheritedDescriptors.close()
        } catch {
            throw StartupFailure(
                StartupFailure.internalError, ["cannot close the descriptors it inherited: close_range: \(error)"])
        }
    }

    func say(_ failure: StartupFailure) {
        guard let logger = try? makeLogger() else { return }
        for line in failure.lines { logger.critical("\(line)") }
    }

    private func milliseconds(_ text: String) throws -> Int64 {
        guard let duration = DurationText.parse(text) else {
            throw ValidationError("--stop-timeout '\(text)' is no duration; write it as 30s or 5m")
        }
        return duration
    }

    private func chosenSlots() throws -> Int? {
        if let slots {
            guard (1...200).contains(slots) else { throw ValidationError("--slots must be 1 to 200, not \(slots)") }
            return slots
        }
        guard let text = getenv("BOBBIN_SLOTS").map({ String(cString: $0) }), !text.isEmpty else { return nil }
        guard let number = Int(text), (1...200).contains(number) else {
            throw ValidationError("BOBBIN_SLOTS must be 1 to 200, not '\(escaped(text.utf8))'")
        }
        return number
    }

    private func makeLogger() throws -> Logger {
        var level = Logger.Level.info
        if let text = getenv("BOBBIN_LOG_LEVEL").map({ String(cString: $0) }), !text.isEmpty {
            guard let chosen = Logger.Level(rawValue: text.lowercased()) else {
                let all = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("BOBBIN_LOG_LEVEL '\(escaped(text.utf8))' is none of: \(all)")
            }
            level = chosen
        }
        let format = logFormat
        return Logger(label: "bobbind") { _ in StandardErrorLog(format: format, level: level) }
    }
}
