import Foundation
import Glibc
import Runs
import Testing

/// THREATS 24: SIGTERM with runs alive; a result that arrives while stopping. And drain, which only holds starts back.
@Suite(.inTurn) struct StoppingTests {
    private static func rows(_ spool: TemporarySpool) async throws -> String {
        try await Command.check([
            "sqlite3", spool.path + "/history/history.sqlite",
            "SELECT group_concat(name || ' ' || state, ', ') FROM (SELECT name, state FROM runs ORDER BY name)",
        ])
    }

    /// Each of them is published, remembered and forgotten before the daemon ends; what was not begun waits for the next.
    @Test(.needs("sqlite3"), arguments: TemporarySpool.Mode.possible)
    func resultsThatArriveWhileStoppingAreThere(_ mode: TemporarySpool.Mode) async throws {
        let arguments = ["--stop-timeout", "20s"]
        try await withDaemon(mode, settings: Brisk.settings(slots: 4), arguments: arguments) { daemon in
            let spool = daemon.spool
            let names = ["a", "b", "c", "d"]
            for name in names {
                try spool.drop(
                    name, files: ["main.sh": "echo begun; \(Held.here); echo \(name) >left; echo through"])
                try await spool.run(of: name, in: "running")
            }
            try spool.drop("waits.sh", script: "echo later")
            try await spool.run(of: "waits", in: "queued")
            daemon.process?.signal(SIGTERM)
            try await eventually("it is stopping") { daemon.log.contains("stopping: what runs has 20s to end") }
            // A second one changes nothing.
            daemon.process?.signal(SIGTERM)
            try spool.drop("comes.sh", script: "echo came")
            for name in names { try await daemon.letGo(name) }
            #expect(await daemon.process?.end() == .exited(0))
            for name in names {
                let result = ResultDirectory(path: spool.outbox() + "/" + name)
                #expect(result.state == "succeeded" && result.stdout == "begun\nthrough\n", "\(result)")
                #expect(result.text("files/left") == "\(name)\n")
            }
            #expect(try await Self.rows(spool) == "a succeeded, b succeeded, c succeeded, d succeeded\n")
            let records = try await spool.shell("ls state/runs".inSpool, as: spool.owner)
            #expect(records.split(separator: "\n").count == 1, "only what waits: \(records)")
            #expect(spool.exists(spool.inbox() + "/comes.sh"), "nothing is taken while it stops")
            try await daemon.start()
            #expect(try await spool.result(named: "waits").stdout == "later\n")
            #expect(try await spool.result(of: "comes.sh").stdout == "came\n")
        }
    }

    /// Some end by themselves, some are ended; one ignores TERM and is killed after its grace.
    @Test(.needs("sqlite3")) func whatIsLeftAtTheStopTimeoutIsInterrupted() async throws {
        let arguments = ["--stop-timeout", "1s"]
        try await withDaemon(settings: Brisk.settings(slots: 3), arguments: arguments) { daemon in
            let spool = daemon.spool
            let manifest = "stop_grace: 500ms"
            try spool.drop("ends", files: ["manifest.yaml": manifest, "main.sh": "\(Held.here); echo ends"])
            try spool.drop("stays", files: ["manifest.yaml": manifest, "main.sh": "echo stays; sleep 600"])
            try spool.drop(
                "ignores",
                files: ["manifest.yaml": manifest, "main.sh": "trap '' TERM; echo ignores; while :; do sleep 1; done"])
            for name in ["ends", "stays", "ignores"] { try await spool.run(of: name, in: "running") }
            for name in ["stays", "ignores"] {
                try await eventually("\(name) writes") { spool.live(name)?.stdout == "\(name)\n" }
            }
            daemon.process?.signal(SIGTERM)
            try await daemon.letGo("ends")
            let stopping = ContinuousClock.now
            #expect(await daemon.process?.end() == .exited(0))
            #expect(ContinuousClock.now - stopping < .seconds(20))
            #expect(try await Self.rows(spool) == "ends succeeded, ignores interrupted, stays interrupted\n")
            for name in ["stays", "ignores"] {
                let result = ResultDirectory(path: spool.outbox() + "/" + name)
                #expect(result.stdout == "\(name)\n" && !result.has("exit_code"), "\(result)")
                #expect(result.reason.contains("Bobbin was stopped"), "\(result)")
            }
            let records = try await spool.shell("ls state/runs".inSpool, as: spool.owner)
            #expect(records.isEmpty, "\(records)")
        }
    }

    /// A kill while it stops is a crash like any other.
    @Test func aKillWhileStoppingLosesNothing() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("held.sh", script: "echo begun; \(Held.here)")
            try await spool.run(of: "held", in: "running")
            try spool.drop("waits.sh", script: "echo later")
            try await spool.run(of: "waits", in: "queued")
            daemon.process?.signal(SIGTERM)
            try await eventually("it is stopping") { daemon.log.contains("stopping:") }
            try await daemon.restartAfterKill()
            #expect(try await spool.result(named: "held").state == "interrupted")
            #expect(try await spool.result(named: "waits").stdout == "later\n")
            #expect(spool.results().count == 2)
        }
    }

    /// What runs goes on, what waits waits, what comes is taken; also over a crash, until the file is removed.
    @Test func drainHoldsStartsBackOverACrash() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("runs.sh", script: "\(Held.here); echo runs")
            try await spool.run(of: "runs", in: "running")
            try await spool.ask("drain")
            try await eventually("it drains") { daemon.log.contains("draining: nothing new starts") }
            try spool.drop("waits.sh", script: "echo waits")
            try await spool.run(of: "waits", in: "queued")
            try await daemon.letGo("runs")
            #expect(try await spool.result(named: "runs").stdout == "runs\n")
            try await daemon.restartAfterKill()
            try spool.drop("comes.sh", script: "echo comes")
            try await spool.run(of: "comes", in: "queued")
            #expect(spool.live("waits")?.state == "queued")
            try await spool.takeBack("drain")
            for name in ["waits", "comes"] {
                #expect(try await spool.result(named: name).stdout == "\(name)\n")
            }
        }
    }
}
