import Foundation
import Glibc
import Testing

/// How runs are ended, and what is kept of them.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings(slots: 4)), .needs("python3"))
struct SupervisionTests {
    @Test func afterTheTimeoutComesTermThenTheGraceThenKill() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "stubborn",
            files: [
                "manifest.yaml": "timeout: 1s\nstop_grace: 1s\n",
                "main.py": """
                import os, signal, sys, time
                def got(*_):
                    print("TERM after", time.monotonic() - begun, flush=True)
                signal.signal(signal.SIGTERM, got)
                begun = time.monotonic()
                open("partial.txt", "w").write("kept")
                print("begun", flush=True)
                while True: time.sleep(0.05)
                """,
            ])
        let result = try await spool.result(of: "stubborn")
        #expect(result.state == "timed_out", "\(result)")
        #expect(!result.has("exit_code"))
        #expect(result.status["exit_code"] == nil)
        #expect(result.reason.contains("timeout"))
        let lines = result.stdout.split(separator: "\n")
        #expect(lines.first == "begun")
        #expect(lines.filter { $0.hasPrefix("TERM after") }.count == 1, "\(result.stdout)")
        let wall = result.status["wall_seconds"] as? Double ?? 0
        #expect((2.0..<8.0).contains(wall), "TERM after 1 s, KILL 1 s later: it took \(wall) s")
        #expect(result.text("files/partial.txt") == "kept")
    }

    @Test func anExitInTheGraceIsNotAnExitCode() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "polite",
            files: [
                "manifest.yaml": "timeout: 500ms\nstop_grace: 1m\n",
                "main.sh": "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done",
            ])
        let result = try await spool.result(of: "polite")
        #expect(result.state == "timed_out", "\(result)")
        #expect(!result.has("exit_code"))
        #expect(result.stdout == "bye\n")
        #expect(result.status["wall_seconds"] as? Double ?? 99 < 20)
    }

    /// A marker in the arguments finds them all in the host's /proc.
    @Test(arguments: ["timeout", "exit"]) func noProcessOfARunOutlivesItsResult(_ end: String) async throws {
        let spool = try Daemon.shared.spool
        let marker = "marker\(UInt32.random(in: 1_000_000...9_999_999))"
        try spool.drop(
            "family-\(end)",
            files: [
                "manifest.yaml":
                    "timeout: \(end == "timeout" ? "1500ms" : "1m")\nstop_grace: 200ms\nargs: [\(marker)]\n",
                "main.py": """
                import os, signal, subprocess, sys, time
                child = "import signal,time,sys; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 3, 15, 20)]; time.sleep(600)"
                for _ in range(3): subprocess.Popen([sys.executable, "-c", child, sys.argv[1]], start_new_session=True)
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0: os.execvp(sys.executable, [sys.executable, "-c", child, sys.argv[1]])
                    os._exit(0)
                stopped = subprocess.Popen([sys.executable, "-c", child, sys.argv[1]]); stopped.send_signal(signal.SIGSTOP)
                print("made", flush=True)
                \(end == "timeout" ? "signal.signal(15, signal.SIG_IGN); time.sleep(600)" : "")
                """,
            ])
        let result = try await spool.result(of: "family-\(end)")
        #expect(result.state == (end == "timeout" ? "timed_out" : "succeeded"), "\(result)")
        #expect(result.stdout == "made\n")
        let alive = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
            Int32(entry) != nil && ResultDirectory(path: "/proc/\(entry)").text("cmdline")?.contains(marker) == true
        }
        #expect(alive.isEmpty, "alive after the result: \(alive)")
    }

    @Test func outputOfBothStreamsIsApartAndLiveUpToHalfTheLimit() async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        try spool.drop(
            "live",
            files: [
                "manifest.yaml": "limits: {log: 1000}\n",
                "main.py": """
                import sys, time, os, signal
                sys.stdout.write("a" * 400); sys.stdout.flush(); sys.stderr.write("problem\\n"); sys.stderr.flush()
                while not os.path.exists("/tmp/x"):
                    time.sleep(0.1); open("/tmp/x", "w")
                sys.stdout.write("b" * 400 + "c" * 400); sys.stdout.flush(); os.kill(os.getpid(), signal.SIGSTOP)
                """,
            ])
        try await eventually("half of the limit is there to read, and no more") {
            spool.live("live")?.stdout == String(repeating: "a", count: 400) + String(repeating: "b", count: 100)
        }
        #expect(spool.live("live")?.stderr == "problem\n")
        try await daemon.letGo("live")
        let result = try await spool.result(of: "live")
        let whole =
            String(repeating: "a", count: 400) + String(repeating: "b", count: 400) + String(repeating: "c", count: 400)
        #expect(result.stdout.hasPrefix(whole.prefix(500)) && result.stdout.hasSuffix(whole.suffix(500)))
        #expect(result.stdout.dropFirst(500).dropLast(500) == "\n[bobbin: 200 bytes are missing here]\n")
        #expect(result.stderr == "problem\n")
        #expect(result.status["truncated"] as? Bool == true)
        #expect(result.status["stdout_bytes"] as? Int == 1200)
    }

    /// Bytes written and the limit: one below, exactly, one over, and where the ring begins again.
    @Test(arguments: [999, 1000, 1001, 1499, 1500, 1501, 2000, 2001, 100_000])
    func aLogIsCutInTheMiddleAndOnlyOverItsLimit(_ count: Int) async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "cut-\(count)",
            files: [
                "manifest.yaml": "limits: {log: 1000}\nargs: ['\(count)']\n",
                "main.py": """
                import os, sys
                data = b"".join(b"%07d\\n" % i for i in range(20000))[:int(sys.argv[1])]
                while data: data = data[os.write(1, data[:7777]):]
                """,
            ])
        let result = try await spool.result(of: "cut-\(count)")
        let whole = Array(
            (0..<20000).map { String(repeating: "0", count: 7 - "\($0)".count) + "\($0)\n" }.joined().utf8.prefix(count)
        )
        let expected =
            count <= 1000
            ? whole
            : whole.prefix(500) + Array("\n[bobbin: \(count - 1000) bytes are missing here]\n".utf8) + whole.suffix(500)
        #expect(result.bytes("stdout") == expected)
        #expect(result.status["truncated"] as? Bool == (count > 1000))
        #expect(result.status["stdout_bytes"] as? Int == count)
        #expect(result.state == "succeeded", "a log never ends a run: \(result)")
    }

    @Test func bytesOfLogsAreKeptAsTheyAre() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("raw.py", script: "import os; os.write(1, bytes(range(256))); os.write(2, b'\\0\\x1b[31m\\xff')")
        let result = try await spool.result(of: "raw.py")
        #expect(result.bytes("stdout") == Array(0...255))
        #expect(result.bytes("stderr") == [0, 0x1B, 0x5B, 0x33, 0x31, 0x6D, 0xFF])
    }
}
