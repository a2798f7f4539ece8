import Foundation
import Glibc
import Runs
import Testing

/// `kill -9` of the daemon with bundles in every stage, then another one: every bundle has exactly one final result.
@Suite(.inTurn) struct RestartTests {
    private static let finalStates: Set<String> = ["succeeded", "interrupted"]

    @Test(arguments: TemporarySpool.Mode.possible) func killedAgainAndAgain(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 3)) { daemon in
            let spool = daemon.spool
            let count = 120
            var known: [String] = []
            for number in 0..<count {
                let run = RunID.new().description
                known.append(run)
                let script = number % 3 == 0 ? "echo begin; sleep 0.3; echo \(number)" : "echo \(number)"
                try spool.drop("k\(number).\(run).sh", script: script)
                if number % 12 == 11 {
                    usleep(UInt32.random(in: 0...150_000))
                    try await daemon.restartAfterKill()
                }
            }
            for (number, run) in known.enumerated() {
                let result = try await spool.result(ofRun: run, named: "k\(number)")
                #expect(Self.finalStates.contains(result.state ?? ""), "\(result)")
                if result.state == "succeeded" { #expect(result.stdout.hasSuffix("\(number)\n"), "\(result)") }
                #expect(result.status["state"] as? String == result.state)
            }
            #expect(spool.results().count == count, "exactly one each")
            #expect(try FileManager.default.contentsOfDirectory(atPath: spool.inbox()).isEmpty)
            try await eventually("nothing is left of them in active") { spool.liveCount() == 0 }
            try await eventually("and nothing in state/runs") {
                try await spool.shell("ls state/runs".inSpool, as: spool.owner).isEmpty
            }
            try await daemon.stop()
            if Command.exists("sqlite3") {
                let rows = try await Command.check(
                    [
                        "sqlite3", spool.path + "/history/history.sqlite",
                        "SELECT count(*), count(DISTINCT run) FROM run",
                    ])
                #expect(rows == "\(count)|\(count)\n")
            }
        }
    }

    @Test func whatRanIsInterruptedAndDeadAndWhatWaitedRuns() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            let marker = "marker\(UInt32.random(in: 1_000_000...9_999_999))"
            try spool.drop(
                "ran",
                files: [
                    "manifest.yaml": "args: [\(marker)]",
                    "main.sh": "echo part; echo x >left; while :; do sleep 1; done",
                ])
            try await spool.run(of: "ran", in: "running")
            try await eventually("it writes") { spool.live("ran")?.stdout == "part\n" }
            try spool.drop("waited.sh", script: "echo ran")
            try await spool.run(of: "waited", in: "queued")
            try await daemon.restartAfterKill()
            let result = try await spool.result(named: "ran")
            #expect(result.state == "interrupted", "\(result)")
            #expect(result.stdout == "part\n")
            #expect(result.has("files/left"))
            #expect(!result.has("exit_code"))
            let alive = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
                Int32(entry) != nil && ResultDirectory(path: "/proc/\(entry)").text("cmdline")?.contains(marker) == true
            }
            #expect(alive.isEmpty)
            #expect(try await spool.result(named: "waited").stdout == "ran\n")
        }
    }

    /// The queue's word of a state, which its runs share, must stay as it is whatever moment a daemon was killed at.
    @Test func aCrashBetweenTwoNamesOfAStateHarmsNoOtherRun() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("hit.sh", script: "sleep 60")
            let run = try await spool.run(of: "hit", in: "running")
            await daemon.kill()
            let queue = spool.path + "/active/default"
            for state in ["queued", "running"] {
                #expect(link("\(queue)/.state.\(state)", "\(queue)/hit.\(run)/.state.new") == 0 || errno == EEXIST)
            }
            try await daemon.start()
            let hit = try await spool.result(named: "hit")
            #expect(hit.state == "interrupted", "\(hit)")
            for name in ["one", "two"] {
                try spool.drop("\(name).sh", script: "echo \(name)")
                let result = try await spool.result(named: name)
                #expect(result.state == "succeeded", "\(result)")
                #expect(result.status["state"] as? String == "succeeded")
            }
        }
    }
}
