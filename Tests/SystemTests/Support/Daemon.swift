import Foundation
import Glibc
import Synchronization
import Testing

/// A started `bobbind` on a temporary spool, which it may be started on again and again.
///
/// In a test of its own daemon:
///
///     try await withDaemon { daemon in
///         try daemon.spool.drop("hello.sh", script: "echo hello")
///         let result = try await daemon.spool.result(of: "hello.sh")
///         #expect(result.stdout == "hello\n", "\(result)")
///     }
///
/// Cases that do not disturb each other share one: `@Suite(.sharedDaemon())`, and `Daemon.shared` in its tests.
final class Daemon: Sendable {
    let spool: TemporarySpool
    private let starter: [String]
    private let arguments: [String]
    private let environment: [String: String]

    private struct State {
        var process: ChildProcess?
        var starts = 0
        /// The most memory, in KiB, that any of its processes has had, of those that are gone.
        var peak = 0
    }

    private let state = Mutex(State())

    /// - Parameter starter: a command that becomes the daemon's command, which is appended to it.
    init(
        on spool: TemporarySpool, starter: [String] = [], arguments: [String] = [], environment: [String: String] = [:]
    ) {
        self.spool = spool
        self.starter = starter
        self.arguments = arguments
        self.environment = environment
    }

    var process: ChildProcess? { state.withLock { $0.process } }

    /// Starts it and waits until it says that it is ready.
    func start() async throws {
        let process = try launch()
        try await eventually(within: .seconds(60), "bobbind is ready; it said:\n\(log)") {
            if process.hasEnded { throw Command.Failure(description: "bobbind ended at its start; it said:\n\(log)") }
            return currentLog.contains("ready: ")
        }
    }

    /// Starts it and does not wait.
    @discardableResult
    func launch() throws -> ChildProcess {
        let number = state.withLock { state in
            state.starts += 1
            return state.starts
        }
        let process = try ChildProcess(
            starter + spool.daemonCommand(arguments), environment: environment, output: "\(spool.base)/log.\(number)",
            directory: "/")
        state.withLock { $0.process = process }
        return process
    }

    /// SIGTERM, and its end; SIGKILL if that does not come.
    @discardableResult
    func stop(within limit: Duration = .seconds(60)) async throws -> ChildProcess.End {
        guard let process else { return .exited(0) }
        notePeak()
        process.signal(SIGTERM)
        do {
            try await eventually(within: limit, "bobbind ends at SIGTERM; it said:\n\(log)") { process.hasEnded }
        } catch {
            await kill()
            throw error
        }
        return await process.end()
    }

    /// SIGKILL to `bobbind` alone: what it started has to notice by itself.
    func kill() async {
        notePeak()
        process?.signal(SIGKILL)
        _ = await process?.end()
    }

    /// SIGKILL, then a new start on what is left.
    func restartAfterKill() async throws {
        await kill()
        try await start()
    }

    // MARK: Its life

    var isAlive: Bool { process.map { !$0.hasEnded } ?? false }

    /// What all daemons on this spool said, in their order.
    var log: String {
        let starts = state.withLock { $0.starts }
        return starts == 0 ? "" : (1...starts).map(logText).joined()
    }

    /// What the last one said.
    var currentLog: String { logText(state.withLock { $0.starts }) }

    /// The log's end without what is said of every run.
    var remarkableLog: String {
        let lines = log.split(separator: "\n").filter { !$0.contains(" info: ") }
        return lines.suffix(40).map { $0.prefix(400) + "\n" }.joined()
    }

    private func logText(_ number: Int) -> String {
        (try? Data(contentsOf: URL(fileURLWithPath: "\(spool.base)/log.\(number)")))
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The daemon, its launcher, and what they started, that is alive now.
    var processes: [Int32] {
        guard let process, !process.hasEnded else { return [] }
        return [process.pid] + Processes.descendants(of: process.pid)
    }

    /// The greatest VmHWM, in KiB, of the daemon or its launcher so far. (What runs in sandboxes counts for the runs.)
    var peakMemory: Int {
        notePeak()
        return state.withLock { $0.peak }
    }

    private func notePeak() {
        let peak = processes.filter { Processes.name(of: $0).hasPrefix("bobbin") }.map(Processes.peakMemory).max() ?? 0
        state.withLock { $0.peak = max($0.peak, peak) }
    }

    /// Expects it to live as it should: running, without a crash, within its memory.
    func expectWell(_ location: SourceLocation = #_sourceLocation) {
        #expect(isAlive, "bobbind is gone; it said:\n\(remarkableLog)", sourceLocation: location)
        let memory = peakMemory
        #expect(memory < 200 * 1024, "bobbind used \(memory) KiB", sourceLocation: location)
        for word in ["Fatal error", "Crash", "launcher and its keeper are gone", "AddressSanitizer"] {
            #expect(!log.contains(word), "\(remarkableLog)", sourceLocation: location)
        }
    }
}

/// Runs `body` with a new spool and a started daemon; ends and removes both whatever happens. Expects the daemon to be well at
/// the end if it still runs.
func withDaemon(
    _ mode: TemporarySpool.Mode? = nil, settings: String? = nil, starter: [String] = [], arguments: [String] = [],
    environment: [String: String] = [:], disk: SmallDisk.Form? = nil, _ body: (Daemon) async throws -> Void
) async throws {
    let spool = try await TemporarySpool(mode, settings: settings, disk: disk)
    let daemon = Daemon(on: spool, starter: starter, arguments: arguments, environment: environment)
    do {
        try await daemon.start()
        try await body(daemon)
        if daemon.isAlive { daemon.expectWell() }
        let end = try await daemon.stop()
        #expect([.exited(0), .signalled(SIGKILL)].contains(end), "\(daemon.remarkableLog)")
    } catch {
        Issue.record("\(error)\nbobbind said:\n\(daemon.remarkableLog)")
        await daemon.kill()
    }
    await spool.remove()
}
