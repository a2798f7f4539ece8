import Foundation
import Glibc
import Linux
import Sandbox
import SandboxProtocol
import SystemPackage
import Testing
import Trees

/// A spool of its own with a launcher of its own, for one test.
final class TestSpool: Sendable {
    let path: String
    let directory: Directory
    let launcher: Launcher
    let owner: FileOwnership
    let isRootless: Bool

    /// The launcher beside the test bundle; `swift build --build-tests` makes both.
    static let executable: String = {
        let arguments = CommandLine.arguments
        let bundle =
            arguments.firstIndex(of: "--test-bundle-path").map { arguments[arguments.index(after: $0)] } ?? arguments[0]
        var directory = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        // A bundle may be a directory, some levels deep.
        for _ in 0..<4 {
            let candidate = directory.appendingPathComponent("bobbin-launcher").path
            if access(candidate, X_OK) == 0 { return candidate }
            directory.deleteLastPathComponent()
        }
        return "bobbin-launcher"
    }()

    /// `isRootless`: the launcher is an ordinary user's, 65534, even if the tests are root's.
    init(isRootless: Bool = false, without: Set<Mechanism> = [], shown: [String] = [], hostNetwork: Bool = false) throws
    {
        self.isRootless = isRootless || geteuid() != 0
        var template = Array("/tmp/bobbin-sandbox-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        directory = try Directory(path: path)
        var executable = Self.executable
        if isRootless, geteuid() == 0 {
            // A clone below /root is closed to others.
            let copy = path + "/launcher"
            let wrapper = path + "/rootless"
            // By another process: what this one has open for writing, a fork of another test would keep busy.
            let script = """
                cp "$1" "$2" &&
                printf '#!/bin/sh\\nexec setpriv --reuid 65534 --regid 65534 --clear-groups %s "$@"\\n' "$2" >"$3" &&
                chmod 755 "$3"
                """
            let making = try Process.run(
                URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script, "sh", executable, copy, wrapper])
            making.waitUntilExit()
            executable = wrapper
            owner = FileOwnership(owner: 65534, group: 65534)
        } else {
            owner = FileOwnership(owner: geteuid(), group: getegid())
        }
        chmod(path, 0o755)
        _ = try directory.makeOrOpenDirectory("state", mode: 0o755).makeOrOpenDirectory("runs", mode: 0o755)
        if owner.owner != geteuid() {
            for made in ["", "/state", "/state/runs"] { chown(path + made, owner.owner, owner.group) }
        }
        var options = LauncherOptions(owner: owner)
        options.without = without
        options.shown = shown
        options.hostNetwork = hostNetwork
        launcher = try Launcher(executable: executable, spool: directory, options: options)
        try launcher.listen()
    }

    deinit {
        launcher.stop()
        try? FileManager.default.removeItem(atPath: path)
    }

    func place(_ name: EntryName) -> Place { Place(["state", "runs", name]) }

    /// Where runs are.
    var runs: Directory { get throws { try directory.directory("state").directory("runs") } }

    /// Makes a run's directory, with these files in its bundle.
    func prepare(_ name: EntryName, files: [String: String] = [:]) throws {
        let run = try runs.makeOrOpenDirectory(name)
        let bundle = try run.makeOrOpenDirectory("bundle")
        for (file, content) in files { try bundle.create(EntryName(file), with: Array(content.utf8), mode: 0o755) }
        give("state/runs/\(name)")
        give("state/runs/\(name)/bundle")
        for file in files.keys { give("state/runs/\(name)/bundle/\(file)") }
    }

    /// Gives a file to the launcher's user.
    func give(_ relative: String) {
        if owner.owner != geteuid() { chown("\(path)/\(relative)", owner.owner, owner.group) }
    }

    func plan(_ name: EntryName, _ arguments: [String], slot: UInt32 = 0) -> SandboxPlan {
        SandboxPlan(
            place: place(name), slot: slot, program: .path([Array(arguments[0].utf8)]),
            arguments: arguments.map { Array($0.utf8) },
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp"].map { Array($0.utf8) })
    }

    /// Starts a run with its output in a pipe.
    func start(_ plan: SandboxPlan) async throws -> StartedRun {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reading = SharedDescriptor(OwnedDescriptor(taking: ends[0]))
        let writing = SharedDescriptor(OwnedDescriptor(taking: ends[1]))
        if owner.owner != geteuid() { fchown(writing.rawValue, owner.owner, owner.group) }
        let null = SharedDescriptor(OwnedDescriptor(taking: open("/dev/null", O_RDONLY | O_CLOEXEC)))
        let run = try await launcher.run(plan, input: null, output: writing, error: writing)
        return StartedRun(run: run, output: reading)
    }

    /// Runs a shell script to its end and returns what it printed, at most a pipe's 64 KiB.
    func shell(
        _ script: String, _ name: EntryName = "one", change: (inout SandboxPlan) -> Void = { _ in }
    ) async throws -> (end: SandboxEnd, output: String) {
        try prepare(name)
        var plan = plan(name, ["/bin/sh", "-c", script])
        change(&plan)
        let started = try await start(plan)
        let end = try await started.run.end().end
        return (end, started.read())
    }
}

struct StartedRun {
    let run: SandboxRun
    let output: SharedDescriptor

    /// What is in the pipe, to its end: after the run, when nobody holds the other end any more.
    func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let length = Glibc.read(output.rawValue, &buffer, buffer.count)
            if length <= 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<length]
        }
    }

    /// Waits for one line.
    func readLine() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var line: [UInt8] = []
                var byte: UInt8 = 0
                while Glibc.read(output.rawValue, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
                continuation.resume(returning: String(decoding: line, as: UTF8.self))
            }
        }
    }
}
