import Foundation
import Glibc
import Testing

/// THREATS, scripts 11 and 12: whatever a script starts and however it hides it, when its result is there no process of it is.
@Suite("scripts 11-12: what is started does not outlive the result", .inTurn, .needs("python3"))
struct RemainsThreatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// What the script does; `child(*signals)` starts a process that sleeps and ignores those.
        let body: String
        var state = "succeeded"
        /// What it waits for at its end; nothing: it returns.
        var rest = ""
        var testDescription: String { name }
    }

    /// Each process carries the marker as its last argument, which the host's /proc shows.
    private static let prelude = #"""
        import os, signal, subprocess, sys, time
        marker = sys.argv[1]
        code = "import signal, sys, time\nfor s in map(int, sys.argv[1].split(',')): signal.signal(s, signal.SIG_IGN)\ntime.sleep(600)"
        def child(*signals, **how):
            words = [sys.executable, "-c", code, ",".join(str(int(s)) for s in signals or [signal.SIGUSR1]), marker]
            return subprocess.Popen(words, **how)
        every = [s for s in signal.valid_signals() if s not in (signal.SIGKILL, signal.SIGSTOP) and s < 32]
        """#

    private static let forever = "time.sleep(600)"

    static let cases: [Case] = [
        Case(
            name: "double fork, setsid",
            body: """
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        child().wait()
                    os._exit(0)
                os.wait()
                """),
        Case(name: "nohup", body: "subprocess.Popen(['nohup', 'sh', '-c', 'sleep 600 # ' + marker, marker])"),
        Case(
            name: "SIGTERM ignored", body: "signal.signal(15, signal.SIG_IGN); child(15)", state: "timed_out",
            rest: forever),
        Case(
            name: "every signal ignored", body: "for s in every: signal.signal(s, signal.SIG_IGN)\nchild(*every)",
            state: "timed_out", rest: forever),
        Case(
            name: "SIGCHLD ignored",
            body: "signal.signal(signal.SIGCHLD, signal.SIG_IGN); child(signal.SIGCHLD); child()"),
        Case(
            name: "SIGCHLD handler that forks",
            body: """
                def again(*_):
                    try:
                        if os.fork() == 0: os._exit(0)
                    except OSError: pass
                signal.signal(signal.SIGCHLD, again); child().kill(); child()
                """, state: "timed_out", rest: "\nwhile True: time.sleep(0.01)"),
        Case(name: "a child keeps stdout open", body: "child(start_new_session=True); print('ended', flush=True)"),
        Case(
            name: "a stopped child", body: "child().send_signal(signal.SIGSTOP); child(15).send_signal(signal.SIGSTOP)"),
        Case(
            name: "SIGSTOP to its own group", body: "child(); os.killpg(0, signal.SIGSTOP)", state: "timed_out",
            rest: forever),
        Case(name: "kill -9 -1", body: "child(start_new_session=True); os.kill(-1, 9); child()"),
        Case(
            name: "a child in each of many sessions",
            body: "for _ in range(20): child(start_new_session=True, stdout=subprocess.DEVNULL)"),
        Case(
            name: "forks faster than it is killed",
            body: """
                signal.signal(15, signal.SIG_IGN)
                while True:
                    try:
                        if os.fork() != 0: time.sleep(0.001)
                    except OSError: pass
                """, state: "timed_out"),
    ]

    @Test(arguments: TemporarySpool.Mode.possible)
    func nothingIsAliveWhenTheResultIsThere(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 4)) { daemon in
            let spool = daemon.spool
            let marker = "marker-\(UInt32.random(in: 1_000_000...9_999_999))"
            for (index, each) in Self.cases.enumerated() {
                let script = "\(Self.prelude)\n\(each.body)\n\(each.rest)\n"
                try spool.drop(
                    "remains-\(index)",
                    files: [
                        "manifest.yaml": "timeout: 1500ms\nstop_grace: 200ms\nargs: ['\(marker)-\(index)-']\n",
                        "main.py": script,
                    ])
            }
            for (index, each) in Self.cases.enumerated() {
                let result = try await spool.result(of: "remains-\(index)")
                let alive = Processes.all { $0.contains("\(marker)-\(index)-") }
                #expect(alive.isEmpty, "\(each.name): alive after its result: \(alive)")
                #expect(result.state == each.state, "\(each.name): \(result)")
            }
            // Whoever was not found by the marker would still be somebody's child.
            let left = daemon.processes.filter { Processes.name(of: $0).hasPrefix("python") }
            #expect(left.isEmpty, "\(left)")
        }
    }
}
