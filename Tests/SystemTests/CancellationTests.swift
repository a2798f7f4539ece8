import Foundation
import Glibc
import Runs
import Testing

/// `touch control/cancel/RUN`: before the run, while it waits, while it runs; and over a restart.
@Suite(.inTurn) struct CancellationTests {
    @Test func aWaitingARunningAndAComingOneAreCancelled() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "runs",
                files: ["manifest.yaml": "stop_grace: 300ms", "main.sh": "trap '' TERM; echo part; sleep 60; sleep 60"])
            let running = try await spool.run(of: "runs", in: "running")
            try await eventually("it writes") { spool.live("runs")?.stdout == "part\n" }
            try spool.drop("waits.sh", script: "echo never")
            let waiting = try await spool.run(of: "waits", in: "queued")
            let coming = RunID.new().description
            // Whoever dropped may ask for the end.
            try await spool.shell(
                "touch control/cancel/\(waiting) control/cancel/\(coming) control/cancel/\(running)".inSpool)
            try spool.drop("comes.\(coming).sh", script: "echo never")
            let results = [
                try await spool.result(ofRun: running, named: "runs"),
                try await spool.result(ofRun: waiting, named: "waits"),
                try await spool.result(ofRun: coming, named: "comes"),
            ]
            for result in results {
                #expect(result.state == "cancelled", "\(result)")
                #expect(!result.has("exit_code"))
                #expect(result.reason.contains("cancelled by"), "\(result)")
            }
            #expect(results[0].stdout == "part\n")
            #expect(results[1].stdout.isEmpty && results[2].stdout.isEmpty)
            try await eventually("the wishes are gone") {
                try FileManager.default.contentsOfDirectory(atPath: spool.path + "/control/cancel").isEmpty
            }
        }
    }

    /// Of several states the first of the contract's list: what was dropped is judged whatever was asked before.
    @Test func aWishThatCameFirstLeavesTheBundleJudged() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let (good, bad) = (RunID.new().description, RunID.new().description)
            try await spool.shell("touch control/cancel/\(good) control/cancel/\(bad)".inSpool)
            try await eventually("the wishes are known") {
                try await spool.bobbin("audit", as: spool.owner).output.components(separatedBy: "kept").count == 3
            }
            try spool.drop("good.\(good)", files: ["manifest.yaml": "title: Good", "main.sh": "echo ran"])
            try spool.drop("bad.\(bad)", files: ["manifest.yaml": "timout: 3", "main.sh": "echo ran"])
            let cancelled = try await spool.result(ofRun: good, named: "good")
            #expect(cancelled.state == "cancelled" && cancelled.stdout == "", "\(cancelled)")
            #expect(cancelled.text("manifest.json")?.contains("Good") == true && !cancelled.has("sent"))
            let rejected = try await spool.result(ofRun: bad, named: "bad")
            #expect(rejected.state == "rejected" && rejected.has("sent"), "\(rejected)")
        }
    }

    @Test func aWishForARunThatIsOverIsTakenAway() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let run = RunID.new().description
            try spool.drop("over.\(run).sh", script: "echo done")
            #expect(try await spool.result(ofRun: run, named: "over").state == "succeeded")
            // Remembered, and its record removed, a moment after it is visible.
            try await eventually("it is over") { !spool.exists(spool.path + "/state/runs/\(run)") }
            try await spool.shell("touch control/cancel/\(run)".inSpool)
            try await eventually("the wish is gone") { !spool.exists(spool.path + "/control/cancel/\(run)") }
            #expect(try await spool.result(ofRun: run, named: "over").state == "succeeded")
        }
    }

    /// Between the two nobody knows the run: it is no job any more, and the history does not have it yet.
    @Test(.needs("sqlite3")) func aWishForARunThatIsPublishedAndNotYetRememberedIsTakenAway() async throws {
        let settings = Brisk.settings.replacing("rescan: 2s", with: "rescan: never")
        try await withDaemon(settings: settings) { daemon in
            let spool = daemon.spool
            let run = RunID.new().description
            // Held by another program, the history cannot be written.
            let hold = ".shell touch state/held; for i in $(seq 300); do [ -e state/held ] || break; sleep 0.1; done"
            async let holding: String = spool.shell(
                """
                printf '%s\\n' '.timeout 5000' 'BEGIN IMMEDIATE;' "$HOLD" 'ROLLBACK;' |
                    sqlite3 history/history.sqlite
                """.inSpool, as: spool.owner, environment: ["HOLD": hold])
            try await eventually("it is held") {
                try await spool.shell("ls state".inSpool, as: spool.owner).contains("held")
            }
            try spool.drop("out.\(run).sh", script: "echo out")
            #expect(try await spool.result(ofRun: run, named: "out").state == "succeeded")
            let wish = spool.path + "/control/cancel/\(run)"
            try await spool.shell("touch control/cancel/\(run)".inSpool)
            #expect(spool.exists(wish) && spool.exists(spool.path + "/state/runs/\(run)"))
            // Nothing tells that it was looked at.
            try await Task.sleep(for: .seconds(1))
            try await spool.shell("rm state/held".inSpool, as: spool.owner)
            _ = try await holding
            try await eventually("the wish is gone") { !spool.exists(wish) }
            #expect(try await spool.result(ofRun: run, named: "out").state == "succeeded")
        }
    }

    /// At every moment of a run's way: taken, judged, about to start, started.
    @Test func aCancellationIsNeverLost() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 4)) { daemon in
            let spool = daemon.spool
            let runs = (0..<40).map { _ in RunID.new().description }
            for (number, run) in runs.enumerated() {
                let path = try spool.makeDirectory(["manifest.yaml": "stop_grace: 1s", "main.sh": "sleep 300"])
                try spool.move(path, to: "late-\(number).\(run)")
                usleep(UInt32(number % 20) * 2_000)
                let wish = spool.path + "/control/cancel/" + run
                #expect(FileManager.default.createFile(atPath: wish, contents: nil))
            }
            for (number, run) in runs.enumerated() {
                let result = try await spool.result(ofRun: run, named: "late-\(number)", within: .seconds(20))
                #expect(result.state == "cancelled", "\(result)")
            }
        }
    }

    @Test(.needsRoot) func onlyTheOwnerTheAdminsAndRootMayCancel() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("mine.sh", script: "\(Held.here); echo through")
            let run = try await spool.run(of: "mine", in: "running")
            try await spool.shell("touch control/cancel/\(run)".inSpool, as: 64201)
            try await eventually("it is refused") { daemon.log.contains("may not cancel") }
            try await daemon.letGo("mine")
            let result = try await spool.result(ofRun: run, named: "mine")
            #expect(result.state == "succeeded", "\(result)")
            for who in [0, spool.owner, spool.dropper] {
                try spool.drop("by-\(who).sh", script: "sleep 100")
                let run = try await spool.run(of: "by-\(who)", in: "running")
                try await spool.shell("touch control/cancel/\(run)".inSpool, as: who)
                #expect(try await spool.result(ofRun: run, named: "by-\(who)").state == "cancelled")
            }
        }
    }

    /// The daemon dies while a cancelled run has its grace.
    @Test func aCancelledRunStaysCancelledOverACrash() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "gone",
                files: [
                    "manifest.yaml": "stop_grace: 1m", "main.sh": "trap '' TERM; echo on; while :; do sleep 1; done",
                ])
            let run = try await spool.run(of: "gone", in: "running")
            try await eventually("it runs") { spool.live("gone")?.stdout == "on\n" }
            try await spool.shell("touch control/cancel/\(run)".inSpool)
            try await eventually("it is cancelled") { daemon.log.contains("\(run): cancelled by") }
            try await daemon.restartAfterKill()
            let result = try await spool.result(ofRun: run, named: "gone")
            #expect(result.state == "cancelled", "\(result)")
            #expect(result.stdout == "on\n")
        }
    }
}
