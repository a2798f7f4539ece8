import Foundation
import Testing

/// THREATS 15: a script that fills the disk is ended while it does so, not when the disk is full.
@Suite("scripts 15: the disk", .inTurn, .needs("python3"))
struct OutputThreatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let limits: String
        let body: String
        let reason: String
        /// Whether it would go on for as long as it is let.
        var isEndless = true
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "one file after the other", limits: "output: 8MiB",
            body: "while True: open(f'f{n}', 'wb').write(bytes(1 << 20)); n += 1; time.sleep(0.05)", reason: "output: "),
        Case(
            name: "deep down", limits: "output: 8MiB",
            body: """
                for _ in range(300): os.mkdir("d"); os.chdir("d")
                while True: open(f"f{n}", "wb").write(bytes(1 << 20)); n += 1; time.sleep(0.05)
                """, reason: "output: "),
        Case(
            name: "in a directory of mode 0", limits: "output: 8MiB",
            body: """
                os.mkdir("d"); os.chdir("d"); os.chmod("/bundle/d", 0)
                with open("/tmp/x", "w"): pass
                os.chmod("/bundle/d", 0o700); f = open("/bundle/d/f", "wb"); os.chmod("/bundle/d", 0)
                while True: f.write(bytes(1 << 20)); f.flush(); time.sleep(0.05)
                """, reason: "output: "),
        Case(
            name: "many empty files", limits: "output_files: 500",
            body: "while True: open(f'f{n}', 'w'); n += 1; time.sleep(0.001)", reason: "output_files: "),
        Case(
            name: "TERM ignored", limits: "output: 8MiB",
            body: """
                import signal; signal.signal(15, signal.SIG_IGN)
                while True: open(f"f{n}", "wb").write(bytes(1 << 20)); n += 1; time.sleep(0.05)
                """, reason: "output: "),
        Case(
            name: "deleted and kept open", limits: "output: 8MiB",
            body: """
                held = []
                while True: held.append(open("f", "wb")); os.unlink("f"); held[-1].write(bytes(1 << 20)); held[-1].flush(); time.sleep(0.05)
                """, reason: "output: "),
        Case(
            name: "one file over its size", limits: "file_size: 1MiB",
            body: "open('f', 'wb').write(bytes(8 << 20))", reason: "file_size: ", isEndless: false),
        Case(
            name: "left behind in a moment", limits: "output: 1MiB",
            body: "open('f', 'wb').write(bytes(4 << 20))", reason: "output: ", isEndless: false),
    ]

    @Test(arguments: TemporarySpool.Mode.possible)
    func whoFillsTheDiskIsEnded(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 4)) { daemon in
            let spool = daemon.spool
            for (index, each) in Self.cases.enumerated() {
                try spool.drop(
                    "full-\(index)",
                    files: [
                        "manifest.yaml": "timeout: 40s\nstop_grace: 30s\nlimits: {\(each.limits)}\n",
                        "main.py": "import os, sys, time\nn = 0\n\(each.body)\n",
                    ])
            }
            // A run that stays below its limits is left alone, whatever time it takes.
            try spool.drop(
                "modest",
                files: [
                    "manifest.yaml": "limits: {output: 3MiB, output_files: 5}\n",
                    "main.py":
                        "import time\nfor n in range(25): open('f', 'wb').write(bytes(2 << 20)); time.sleep(0.1)\n",
                ])
            for (index, each) in Self.cases.enumerated() {
                let result = try await spool.result(of: "full-\(index)")
                // Python makes an error of SIGXFSZ.
                if each.reason == "file_size: " {
                    #expect(result.state == "failed", "\(each.name): \(result)")
                    continue
                }
                #expect(result.state == "limit_exceeded", "\(each.name): \(result)")
                #expect(result.reason.hasPrefix(each.reason), "\(each.name): \(result)")
                #expect(!result.has("exit_code"))
                let wall = result.status["wall_seconds"] as? Double ?? 99
                if each.isEndless { #expect(wall < 15, "\(each.name) went on for \(wall) s") }
                let enforced = result.enforced
                #expect(enforced["output"] == "sampled" && enforced["output_files"] == "sampled", "\(enforced)")
            }
            let modest = try await spool.result(of: "modest")
            #expect(modest.state == "succeeded", "\(modest)")
        }
    }

    @Test func withoutFreeSpaceNothingNewStarts() async throws {
        let full = Brisk.settings.replacingOccurrences(of: "min_free_space: 1MiB", with: "min_free_space: 512TiB")
        try await withDaemon(settings: full) { daemon in
            try daemon.spool.drop("waits.sh", script: "echo ran")
            try await eventually("the log says so") { daemon.log.contains("min_free_space") }
            try await eventually("it is taken and waits") { daemon.spool.live("waits")?.state == "queued" }
            try daemon.spool.configure(Brisk.settings)
            daemon.process?.signal(1)
            try await daemon.spool.expect("waits.sh", prints: "ran\n")
        }
    }
}
