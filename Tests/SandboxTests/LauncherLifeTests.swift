import Foundation
import Glibc
import Linux
import Sandbox
import SandboxProtocol
import SystemPackage
import Testing

@Suite struct LauncherLifeTests {
    /// The parent of a run's init is the launcher.
    private func launcherPID(of run: SandboxRun) throws -> Int32 { try parent(of: run.process.pid) }

    private func parent(of pid: Int32) throws -> Int32 {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("PPid:") })
        return try #require(Int32(line.split(separator: "\t")[1]))
    }

    /// Dead, or waiting for its new parent to notice.
    private func isDead(_ run: SandboxRun) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(run.process.pid)/stat", encoding: .utf8) else {
            return true
        }
        return stat.contains(") Z ") || stat.contains(") X ")
    }

    @Test("a killed launcher takes its runs along, and another takes its place", arguments: [false, true])
    func killed(isRootless: Bool) async throws {
        let spool = try TestSpool(isRootless: isRootless && geteuid() == 0)
        try spool.prepare("one")
        let started = try await spool.start(
            spool.plan("one", ["/bin/sh", "-c", "(setsid sleep 1000 &); echo ready; sleep 1000"]))
        #expect(await started.readLine() == "ready")
        let launcher = try launcherPID(of: started.run)
        #expect(launcher > 1)
        kill(launcher, SIGKILL)
        await #expect(throws: LauncherError.died) { _ = try await started.run.end() }
        #expect(isDead(started.run))
        _ = started.read()
        for attempt in 0..<3 {
            let (end, output) = try await spool.shell("echo again", EntryName("again\(attempt)"))
            #expect(end == .exited(code: 0))
            #expect(output == "again\n")
        }
    }

    @Test func withoutItsKeeperNothingIsLeftAndNothingWaits() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/bin/sh", "-c", "echo ready; sleep 1000"]))
        #expect(await started.readLine() == "ready")
        kill(try parent(of: launcherPID(of: started.run)), SIGKILL)
        await #expect(throws: LauncherError.died) { _ = try await started.run.end() }
        #expect(isDead(started.run))
        await #expect(throws: LauncherError.self) { _ = try await spool.launcher.probe() }
    }

    @Test func stoppingEndsEverything() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/bin/sh", "-c", "echo ready; sleep 1000"]))
        #expect(await started.readLine() == "ready")
        spool.launcher.stop()
        await #expect(throws: LauncherError.died) { _ = try await started.run.end() }
        #expect(isDead(started.run))
        await #expect(throws: LauncherError.self) { _ = try await spool.launcher.probe() }
    }

    @Test func anInitLeftBehindIsReaped() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/bin/sh", "-c", "echo ready; sleep 1000"]))
        #expect(await started.readLine() == "ready")
        let process = started.run.process
        // Another process by that number: left alone.
        try await spool.launcher.killAndAwait(ProcessIdentity(pid: process.pid, startTime: process.startTime + 1))
        #expect(kill(process.pid, 0) == 0)
        try await spool.launcher.killAndAwait(process)
        #expect(try await started.run.end().end == .killed)
        try await spool.launcher.killAndAwait(process)
    }

    @Test("only sandboxes are reaped", .enabled(if: geteuid() == 0, "an ordinary user may kill its own anyway"))
    func othersAreNotReaped() async throws {
        let spool = try TestSpool()
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["1000"]
        // Who waits for the tests' output must not wait for it.
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try child.run()
        defer { kill(child.processIdentifier, SIGKILL) }
        let stat = try String(contentsOfFile: "/proc/\(child.processIdentifier)/stat", encoding: .utf8)
        let startTime = try #require(UInt64(stat.split(separator: ")")[1].split(separator: " ")[19]))
        await #expect(throws: LauncherError.failed(subject: "not a sandbox", errno: .notPermitted)) {
            try await spool.launcher.killAndAwait(ProcessIdentity(pid: child.processIdentifier, startTime: startTime))
        }
        #expect(child.isRunning)
    }

    @Test func aProbeSaysWhatWorks() async throws {
        let spool = try TestSpool()
        let results = try await spool.launcher.probe()
        #expect(results.count == 8)
        #expect(results.allSatisfy { $0.errno == 0 })
    }

    private static let leftOut: [(Mechanism, String, String?, String)] = [
        (.network, "namespaces", "user mount pid ipc uts cgroup", ""),
        (.ipc, "namespaces", "user mount pid network uts cgroup", ""),
        (.uts, "namespaces", "user mount pid network ipc cgroup", "hostname"),
        (.cgroup, "namespaces", "user mount pid network ipc uts", ""),
        (.seccomp, "seccomp", nil, "grep Seccomp: /proc/self/status"),
        (.capabilities, "capabilities", nil, "grep CapBnd: /proc/self/status"),
        (.noNewPrivileges, "no_new_privs", nil, ""),
        (.keyring, "keyring", nil, ""),
        (.limits, "memory", nil, "ulimit -d"),
    ]

    @Test("each protection that is left out is seen, in the report and inside", arguments: leftOut)
    func without(_ mechanism: Mechanism, _ what: String, _ by: String?, _ question: String) async throws {
        let whole = try TestSpool()
        // A filter needs one of the two.
        let lacking = try TestSpool(without: mechanism == .noNewPrivileges ? [mechanism, .seccomp] : [mechanism])
        var answers: [String] = []
        for spool in [whole, lacking] {
            try spool.prepare("one")
            let started = try await spool.start(spool.plan("one", ["/bin/sh", "-c", question]))
            _ = try await started.run.end()
            answers.append(started.read())
            let held = started.run.enforced.first { $0.what == what }?.by
            if spool === lacking { #expect(held == by) } else { #expect(held != nil && held != by) }
        }
        if !question.isEmpty { #expect(answers[0] != answers[1]) }
    }

    @Test(
        "what cannot be made is not run without",
        arguments: [
            ("bundle", SandboxStep.bundle), ("", .directory),
        ])
    func failsClosed(_ missing: String, _ step: SandboxStep) async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let run = spool.path + "/state/runs/one"
        try FileManager.default.removeItem(atPath: missing.isEmpty ? run : run + "/" + missing)
        do {
            _ = try await spool.start(spool.plan("one", ["/bin/true"]))
            Issue.record("it ran")
        } catch LauncherError.sandbox(let failed, let errno) {
            #expect(failed == step || failed == .ownership)
            #expect(errno == .noSuchFileOrDirectory)
        }
        // And the next one is none the worse.
        #expect(try await spool.shell("exit 7", "two").end == .exited(code: 7))
    }

    @Test func aLauncherThatCannotWorkSaysWhy() throws {
        var error: LauncherError?
        do { _ = try TestSpool(shown: ["/no/such/runtime"]) } catch let caught as LauncherError { error = caught }
        #expect(error?.description.contains("find /no/such/runtime") == true)
    }
}
