import Foundation
import Glibc
import Runs
import Synchronization
import SystemPackage

/// A spool, its daemon, which is started again when it dies, and the pipes by which scripts tell that they begin.
///
/// Scripts see nothing of the host but what a debug build shows them (`BOBBIN_SHOW`): a directory with two named pipes. What a
/// script writes into `starts` is there whatever becomes of its run, its record and its result, so a second start cannot hide.
final class CrashStage: Sendable {
    let spool: TemporarySpool
    let shown: String
    private let starts: OwnedPipe
    private let gate: OwnedPipe

    private struct State {
        var process: ChildProcess?
        var launches = 0
        var begun: [String: Int] = [:]
        /// How far each run's record was when the daemon was found dead.
        var phases: [Int: Phase]?
    }

    /// A run's record, as it lies on disk.
    enum Phase: String, Sendable {
        case none, claimed, queued, running, ended, finished, archived
    }

    private let state = Mutex(State())

    /// Nobody else has ids with so many zeros: cut points tell runs apart by what comes after them.
    let epoch: String

    /// - Parameter epoch: the beginning of its runs' ids; nil: a new one.
    init(_ mode: TemporarySpool.Mode, epoch: String? = nil, settings: String) async throws {
        spool = try await TemporarySpool(mode, settings: settings)
        self.epoch = epoch ?? String(RunID.new().description.prefix(10))
        shown = Self.beginning + spool.base.suffix(6)
        guard mkdir(shown, 0o755) == 0 else { throw Errno(rawValue: errno) }
        starts = try OwnedPipe(shown + "/starts")
        gate = try OwnedPipe(shown + "/gate")
    }

    private static let beginning = "\(place)/bobbin-crash-"
    static let pattern = beginning + "*"

    /// `/tmp` is every run's own, so what is shown lies elsewhere.
    private static let place: String = {
        let environment = ProcessInfo.processInfo.environment
        let places = ["/run", environment["XDG_RUNTIME_DIR"], environment["HOME"]].compactMap { $0 }
        return places.first { access($0, W_OK) == 0 } ?? "."
    }()

    func remove() async {
        await process?.killed()
        await spool.remove()
        _ = try? await Command.run(["rm", "-rf", "--", shown])
    }

    // MARK: The daemon

    var process: ChildProcess? { state.withLock { $0.process } }

    /// - Parameter cut: `BOBBIN_CUT`.
    func launch(cut: String?) throws {
        var environment = ["BOBBIN_SHOW": shown, "BOBBIN_EMPTY_TRASH": "1"]
        if let cut { environment["BOBBIN_CUT"] = cut }
        let number = state.withLock { state in
            state.launches += 1
            return state.launches
        }
        let process = try ChildProcess(
            spool.daemonCommand([]), environment: environment, output: "\(spool.base)/log.\(number)", directory: "/")
        state.withLock { $0.process = process }
    }

    /// What all daemons said.
    var log: String {
        (1...max(1, state.withLock { $0.launches })).map { number in
            (try? String(contentsOfFile: "\(spool.base)/log.\(number)", encoding: .utf8)) ?? ""
        }.joined()
    }

    /// Waits until something holds; starts the daemon again, without a cut, if it has died meanwhile.
    func wait(_ what: @autoclosure () -> String, until holds: () throws -> Bool) async throws {
        try await eventually(within: .seconds(30), every: .milliseconds(5), "\(what()); there is: \(remains)") {
            if let process, process.hasEnded {
                let isFirst = state.withLock { $0.phases == nil }
                let end = await process.end()
                if !isFirst || end != .signalled(SIGKILL) {
                    throw WaitedInVain(description: "bobbind ended by itself, \(end), before: \(what())")
                }
                try await launchAgain()
            }
            return try holds()
        }
    }

    /// After the cut. Before it is ready SIGTERM has its default action.
    private func launchAgain() async throws {
        let phases = Dictionary(uniqueKeysWithValues: (1...2).map { ($0, phase($0)) })
        state.withLock { $0.phases = phases }
        try launch(cut: nil)
        let log = "\(spool.base)/log.\(state.withLock { $0.launches })"
        try await eventually(within: .seconds(30), "another bobbind is ready; there is: \(remains)") {
            (try? String(contentsOfFile: log, encoding: .utf8))?.contains("ready: ") == true
        }
    }

    /// SIGTERM, and its end.
    ///
    /// - Returns: Whether it ended by that; false if it was cut off first, and another one was started.
    func stop() async throws -> Bool {
        guard let process else { return true }
        process.signal(SIGTERM)
        try await eventually(within: .seconds(60), "bobbind ends at SIGTERM") { process.hasEnded }
        let end = await process.end()
        if end == .signalled(SIGKILL), phases == nil {
            try await launchAgain()
            return false
        }
        if end != .exited(0) { throw WaitedInVain(description: "bobbind ended with \(end)") }
        return true
    }

    // MARK: What is there

    func id(_ run: Int) -> String { epoch + String(repeating: "0", count: 15) + "\(run)" }
    func live(_ run: Int) -> ResultDirectory { ResultDirectory(path: "\(spool.active())/job.\(id(run))") }
    func result(_ run: Int) -> ResultDirectory { ResultDirectory(path: "\(spool.outbox())/job.\(id(run))") }

    /// How far each run was when the daemon died; nil: it has not.
    var phases: [Int: Phase]? { state.withLock { $0.phases } }

    private func phase(_ run: Int) -> Phase {
        if spool.exists("\(spool.path)/state/archive/\(id(run))") { return .archived }
        guard let record = try? String(contentsOfFile: "\(spool.path)/state/runs/\(id(run))/run.json", encoding: .utf8)
        else { return result(run).has("state") ? .archived : .none }
        let steps = record.split(separator: "\n").compactMap { line in
            (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["step"] as? String
        }
        guard let last = steps.last else { return .none }
        return Phase(rawValue: last == "started" ? "running" : last) ?? .none
    }

    /// How often a run's script has begun.
    func starts(of run: Int) -> Int {
        let lines = starts.lines()
        return state.withLock { state in
            for line in lines { state.begun[line, default: 0] += 1 }
            return state.begun[id(run), default: 0]
        }
    }

    /// Counts what began before this was copied from another one.
    func addStarts(_ count: Int, of run: Int) { state.withLock { $0.begun[id(run), default: 0] += count } }

    func openGate() { gate.write("go\n") }

    /// Everything that must not stay.
    var remains: [String] {
        var found: [String] = []
        for place in [
            "inbox/default", "active/default", "state/runs", "state/trash", "control/requests", "control/cancel",
        ] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(spool.path)/\(place)")) ?? []
            for name in names where place != "active/default" || !name.hasPrefix(".state.") {
                found.append("\(place)/\(name)")
            }
        }
        return found
    }
}

/// A named pipe that is open at both ends, so that nobody waits for the other one.
final class OwnedPipe: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        guard mkfifo(path, 0o666) == 0, chmod(path, 0o666) == 0 else { throw Errno(rawValue: errno) }
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        if descriptor < 0 { throw Errno(rawValue: errno) }
    }

    deinit { close(descriptor) }

    func write(_ text: String) { _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) } }

    /// The whole lines that have come. A script writes each at once.
    func lines() -> [String] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let length = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, length)), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

extension ChildProcess {
    /// Kills it and waits for its end.
    func killed() async {
        signal(SIGKILL)
        _ = await end()
    }
}
