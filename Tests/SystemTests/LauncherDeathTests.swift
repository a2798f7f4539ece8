import Foundation
import Glibc
import Testing

/// THREATS 24: launcher killed.
@Suite(.inTurn) struct LauncherDeathTests {
    /// Its keeper starts another within a moment, and no bundle is lost.
    @Test(arguments: TemporarySpool.Mode.possible)
    func whatRanIsInterruptedAndWhatWaitedRuns(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("hit.sh", script: "echo part; sleep 60")
            try await spool.run(of: "hit", in: "running")
            try await eventually("it writes") { spool.live("hit")?.stdout == "part\n" }
            try spool.drop("next.sh", script: "echo next")
            try await spool.run(of: "next", in: "queued")
            let launcher = try daemon.launcher
            kill(launcher, SIGKILL)
            let hit = try await spool.result(named: "hit")
            #expect(hit.state == "interrupted" && hit.stdout == "part\n" && !hit.has("exit_code"), "\(hit)")
            #expect(hit.reason.contains("launcher"), "\(hit)")
            let killed = ContinuousClock.now
            #expect(try await spool.result(named: "next").stdout == "next\n")
            #expect(ContinuousClock.now - killed < .seconds(20))
            #expect(try daemon.launcher != launcher)
        }
    }

    /// Nothing of such a run was executed, so it is no interrupted one: the next launcher runs it.
    @Test func whatItHadNotYetBegunRuns() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try await spool.ask("pause/default")
            try await eventually("it is paused") { daemon.log.contains("paused queues: default") }
            try spool.drop("soon.sh", script: "echo soon")
            let run = try await spool.run(of: "soon", in: "queued")
            let launcher = try daemon.launcher
            kill(launcher, SIGSTOP)
            try await spool.takeBack("pause/default")
            let record = "\(spool.path)/state/runs/\(run)/run.json"
            try await eventually("its turn has come") {
                try await spool.shell("cat \(record)", as: spool.owner).contains("\"running\"")
            }
            kill(launcher, SIGKILL)
            let result = try await spool.result(ofRun: run, named: "soon")
            #expect(result.state == "succeeded" && result.stdout == "soon\n", "\(result)")
        }
    }

    /// As a plain user the daemon could not start either again: it says so and ends, and the next daemon loses nothing.
    @Test func withItsKeeperGoneTooTheDaemonEndsAndNothingIsLost() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("hit.sh", script: "sleep 60")
            try await spool.run(of: "hit", in: "running")
            for name in ["one", "two"] {
                try spool.drop("\(name).sh", script: "echo \(name)")
                try await spool.run(of: name, in: "queued")
            }
            let launcher = try daemon.launcher
            kill(try daemon.keeper, SIGKILL)
            kill(launcher, SIGKILL)
            #expect(await daemon.process?.end() == .exited(70))
            #expect(daemon.log.contains("the launcher and its keeper are gone"))
            #expect(!spool.exists(spool.outbox() + "/one"))
            try await daemon.start()
            #expect(try await spool.result(named: "hit").state == "interrupted")
            for name in ["one", "two"] {
                let result = try await spool.result(named: name)
                #expect(result.state == "succeeded" && result.stdout == "\(name)\n", "\(result)")
            }
            // `expectWell` would count the daemon's last words against it.
            try await daemon.stop()
        }
    }
}
