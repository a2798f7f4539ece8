import Foundation
import Runs
import Testing

/// Events are hints: with every one of them thrown away, all is found by the rescan, and no later than by the next.
@Suite(.inTurn) struct WithoutEventsTests {
    private static let deaf = ["BOBBIN_WITHOUT_EVENTS": "1"]
    private static let rescan = Duration.seconds(5)
    /// Two looks, `settle` apart, and what a busy machine takes for a run.
    private static let most = rescan + .seconds(8)
    private static let settings = Brisk.settings.replacing("rescan: 2s", with: "rescan: 5s")

    @Test(arguments: TemporarySpool.Mode.possible)
    func everyDropRunsWithinARescan(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Self.settings, environment: Self.deaf) { daemon in
            let spool = daemon.spool
            // Once nothing came for a while, no scan of the start can have found what follows.
            try await Task.sleep(for: .seconds(1))
            let began = ContinuousClock.now
            try spool.drop("script.sh", script: "echo script")
            try spool.drop("moved", files: ["main.sh": "echo moved"])
            try await spool.shell(
                """
                mkdir copied; echo 'echo copied' >copied/main.sh; cp -r copied "$INBOX/"
                tar cf packed.tar copied; cat packed.tar >"$INBOX/packed.tar"
                """)
            for name in ["script", "moved", "copied", "packed"] {
                let result = try await spool.result(named: name, within: .seconds(60))
                #expect(result.state == "succeeded", "\(result)")
            }
            let took = ContinuousClock.now - began
            #expect(took < Self.most, "it took \(took)")
            #expect(took > .seconds(1), "something told of them all the same: \(took)")
        }
    }

    /// New queues, the same name again, pause and resume, a cancellation, a request.
    @Test func everythingElseIsFoundByTheRescanToo() async throws {
        try await withDaemon(settings: Self.settings, environment: Self.deaf) { daemon in
            let spool = daemon.spool
            try await spool.makeQueue("late")
            try spool.drop("first.sh", script: "echo first", queue: "late")
            #expect(try await spool.result(of: "first.sh", queue: "late", within: Self.most).stdout == "first\n")
            try spool.drop("first.sh", script: "echo second", queue: "late")
            #expect(try await spool.result(of: "first.sh", queue: "late", within: Self.most).stdout == "second\n")
            try spool.drop("long.sh", script: "sleep 600")
            let run = try await spool.run(of: "long", in: "running")
            try await spool.ask("cancel/\(run)", "pause/late")
            #expect(try await spool.result(named: "long", within: Self.most).state == "cancelled")
            try await eventually("it is paused") { daemon.log.contains("paused queues: late") }
            try spool.drop("third.sh", script: "echo third", queue: "late")
            try await spool.run(of: "third", in: "queued", queue: "late")
            try await spool.takeBack("pause/late")
            #expect(try await spool.result(of: "third.sh", queue: "late", within: Self.most).stdout == "third\n")
            let sweep = try await spool.bobbin("sweep", as: spool.owner)
            #expect(sweep.code == 0 && sweep.output == "nothing went\n", "\(sweep.output)")
        }
    }
}
