import Foundation
import Glibc
import Linux
import Sandbox
import SandboxProtocol
import SystemPackage
import Testing

@Suite struct SupervisionTests {
    @Test(
        "ends are told apart",
        arguments: [
            ("exit 0", SandboxEnd.exited(code: 0)), ("exit 3", .exited(code: 3)), ("exit 255", .exited(code: 255)),
            ("kill -SEGV $$", .signalled(SIGSEGV)), ("kill -9 $$", .signalled(SIGKILL)),
            ("kill -9 -1; exit 4", .signalled(SIGKILL)),
            ("kill -TERM $$", .signalled(SIGTERM)), ("exec /no/such/file", .exited(code: 127)),
        ])
    func ends(_ script: String, _ expected: SandboxEnd) async throws {
        let spool = try TestSpool()
        let end = try await spool.shell(script).end
        // 'kill -9 -1' spares the caller.
        if script.hasPrefix("kill -9 -1") { #expect(end == .exited(code: 4)) } else { #expect(end == expected) }
    }

    @Test(
        "a program that is not there, or is none",
        arguments: [
            ("/no/such/program", ENOENT), ("/etc/passwd", EACCES), ("/usr", EACCES),
        ])
    func executeFails(_ program: String, _ expected: Int32) async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", [program]))
        #expect(try await started.run.end().end == .failed(.execute, errno: expected))
    }

    @Test func theFirstCandidateThatExistsIsTaken() async throws {
        let spool = try TestSpool()
        let (end, output) = try await spool.shell("echo ran") {
            $0.program = .path(["/usr/local/no/sh", "/no", "/bin/sh"].map { Array($0.utf8) })
        }
        #expect(end == .exited(code: 0))
        #expect(output == "ran\n")
    }

    @Test func terminateReachesEveryProcess() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let script = """
            trap 'echo got TERM; exit 9' TERM
            sh -c 'trap "echo child too; exit" TERM; kill -STOP $$; while :; do sleep 0.01; done' &
            echo ready
            while :; do sleep 0.01; done
            """
        let started = try await spool.start(spool.plan("one", ["/bin/sh", "-c", script]))
        #expect(await started.readLine() == "ready")
        started.run.terminate()
        #expect(try await started.run.end().end == .exited(code: 9))
        #expect(started.read().contains("got TERM"))
    }

    @Test(
        "nothing survives",
        arguments: [
            "trap '' TERM; echo ready; while :; do sleep 1; done",
            "(setsid nohup sleep 1000 >/dev/null 2>&1 &) ; (sh -c 'sleep 1000 & sleep 1000' &) ; echo ready; sleep 1000",
            "trap '' CHLD HUP INT; echo ready; kill -STOP $$",
        ])
    func kill(_ script: String) async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/bin/sh", "-c", script]))
        #expect(await started.readLine() == "ready")
        started.run.terminate()
        started.run.kill()
        let end = try await started.run.end().end
        #expect(end == .killed || end == .signalled(SIGTERM))
        // The pipe's end is only seen when nobody has it open any more.
        _ = started.read()
        #expect(Glibc.kill(started.run.process.pid, 0) == -1)
    }

    @Test func leftChildrenEndWithTheScript() async throws {
        let spool = try TestSpool()
        let began = Date()
        let (end, output) = try await spool.shell(
            "(setsid sh -c 'sleep 1000; echo late' &) ; (sleep 1000 &) ; echo done")
        #expect(end == .exited(code: 0))
        #expect(output == "done\n")
        #expect(Date().timeIntervalSince(began) < 500)
    }

    @Test func usageIsOfAllProcesses() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let burn = "import time\nwhile time.process_time() < 0.2: pass"
        let started = try await spool.start(
            spool.plan(
                "one",
                [
                    "/usr/bin/python3", "-c",
                    "import subprocess,sys; subprocess.run([sys.executable, '-c', '''\(burn)'''])",
                ]))
        let usage = try await started.run.end().usage
        #expect(usage.userMicroseconds + usage.systemMicroseconds >= 200_000)
        #expect(usage.maxResidentBytes > 4 << 20)
    }

    @Test(
        "limits hold",
        arguments: [
            ("head -c 2000000 /dev/zero >big; stat -c %s big", "1048576\n"),
            ("python3 -c 'bytearray(600<<20)' 2>/dev/null || echo no memory", "no memory\n"),
            (
                "python3 -c 'import os\nfor i in range(100): os.open(\"/dev/null\", 0)' 2>/dev/null || echo no descriptors",
                "no descriptors\n"
            ),
        ])
    func limits(_ script: String, _ expected: String) async throws {
        let spool = try TestSpool()
        let (_, output) = try await spool.shell(script) {
            $0.limits.fileSize = 1 << 20
            $0.limits.memory = 256 << 20
            $0.limits.openFiles = 64
        }
        #expect(output.hasSuffix(expected))
    }

    @Test func aForkBombIsHeld() async throws {
        let spool = try TestSpool()
        let script = """
            import os, sys
            made = 0
            try:
                for i in range(1000):
                    if os.fork() == 0:
                        import time; time.sleep(100)
                    made += 1
            except OSError: pass
            print(made)
            """
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/usr/bin/python3", "-c", script]))
        _ = try await started.run.end()
        #expect(started.read() == "63\n")
    }

    @Test func manyAtOnce() async throws {
        let spool = try TestSpool()
        try await withThrowingTaskGroup(of: SandboxEnd.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let name = EntryName("many\(index)")
                    return try await spool.shell("exit \(index)", name) { $0.slot = UInt32(index) }.end
                }
            }
            var codes: Set<Int32> = []
            for try await end in group { if case .exited(let code) = end { codes.insert(code) } }
            #expect(codes == Set(0..<40))
        }
    }
}
