import Foundation
import Glibc
import Testing

/// What is over goes by bobbin.yaml's `retention`, and nothing else does.
@Suite(.inTurn) struct SweepTests {
    private static func settings(_ retention: String, _ more: String = "") -> String {
        Brisk.settings("retention: {\(retention)}\n\(more)")
    }

    /// Results that ended before now, all of one name, the last of them failed.
    private func makeResults(_ spool: TemporarySpool, _ count: Int, name: String = "old") async throws -> [String] {
        var runs: [String] = []
        for number in 0..<count {
            try spool.drop("\(name).sh", script: "echo \(number); exit \(number == count - 1 ? 1 : 0)")
            runs.append(try await spool.result(of: "\(name).sh").run)
        }
        return runs
    }

    @Test(arguments: TemporarySpool.Mode.possible)
    func olderOnesGoAndTheNewestStay(_ mode: TemporarySpool.Mode) async throws {
        let retention =
            "sweep_every: 1s, results: {age: 1s, failed_age: 1s, keep_last: 2}, archive: {age: 1s, failed_age: 1s}"
        try await withDaemon(mode, settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            let runs = try await makeResults(spool, 4)
            try await eventually("two are left") { spool.results().map(\.run) == Array(runs.suffix(2)) }
            try await eventually("no bundle is left") {
                try await spool.shell("ls state/archive".inSpool, as: spool.owner).isEmpty
            }
            #expect(try await spool.result(named: "old").run == runs[3])
            let history = try await spool.bobbin("history", "--json", as: spool.owner)
            #expect(try TemporarySpool.objects(history).count == 4, "the history remembers them")
            // What waits or runs is never touched, however old it is.
            try spool.drop("long.sh", script: "echo begin; sleep 4; echo end")
            try await spool.expect("long.sh", prints: "begin\nend\n")
        }
    }

    @Test func aDryRunMatchesTheSweepAndAResultThatIsGoneIsNoError() async throws {
        let retention = "sweep_every: never, results: {age: 1s, failed_age: 1d, keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            let runs = try await makeResults(spool, 4)
            try await eventually("they are old enough") {
                let dry = try await spool.bobbin("sweep", "--dry-run", "--json", as: spool.owner)
                return try TemporarySpool.objects(dry).filter { $0["kind"] as? String == "result" }.count == 3
            }
            // Its reader was quicker.
            try await spool.shell("rm -r outbox/default/old.\(runs[0])".inSpool)
            let dry = try await spool.bobbin("sweep", "--dry-run", "--json", as: spool.owner)
            #expect(spool.results().count == 3, "a dry run removes nothing")
            let real = try await spool.bobbin("sweep", "--json", as: spool.owner)
            #expect(dry.code == 0 && dry.output == real.output)
            let lines = try TemporarySpool.objects(real)
            #expect(lines.compactMap { $0["run"] as? String } == [runs[1], runs[2]])
            #expect(lines.first?["reason"] as? String == "older than 1s (results.age)")
            #expect(spool.results().map(\.run) == [runs[3]])
            let again = try await spool.bobbin("sweep", as: spool.owner)
            #expect(again.output == "nothing went\n")
            if spool.mode == .root {
                let refused = try await spool.bobbin("sweep")
                #expect(refused.code == 1 && refused.output.contains("only root and the spool's admins"))
            }
            let audit = try await spool.bobbin("audit", "--json", as: spool.owner)
            let asked = try TemporarySpool.objects(audit).filter { $0["action"] as? String == "sweep" }
            #expect(asked.contains { $0["outcome"] as? String == "done" })
            if spool.mode == .root { #expect(asked.contains { $0["outcome"] as? String == "refused" }) }
        }
    }

    @Test func aStrangersEntryInTheOutboxHoldsNoSweepUp() async throws {
        let retention = "sweep_every: never, results: {age: 1s, failed_age: 1d, keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            _ = try await makeResults(spool, 2)
            try await spool.shell(
                "touch outbox/notes; mkdir outbox/closed; chmod 0 outbox/closed".inSpool, as: spool.owner)
            try await eventually("the sweep takes the old one") {
                try await spool.bobbin("sweep", as: spool.owner).output.contains("(results.age)")
            }
            try await spool.shell("rmdir outbox/closed".inSpool, as: spool.owner)
        }
    }

    /// Thousands of results take long to look at; a stop must not wait until they have been.
    @Test func aStopEndsASweep() async throws {
        let retention = "sweep_every: never, results: {age: 1s, failed_age: 1s, keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            _ = try await makeResults(spool, 1)
            try await daemon.stop()
            try await spool.shell(
                """
                cd outbox/default
                for n in $(seq 10000 15000); do mkdir many.01K00000000000000000000$n; done
                find . -name 'many.*' -exec touch -d '100 days ago' {} +
                """.inSpool, as: spool.owner)
            try await daemon.start()
            #expect(try await daemon.stop(within: .seconds(20)) == .exited(0))
            #expect(spool.results(named: "").count > 1000 || spool.results().count > 1000, "it was cut off")
        }
    }

    @Test func sizeWinsAndAQueueHasItsOwn() async throws {
        let queues = "queues: {small: {retention: {results: {max_size: 100KiB, keep_last: 9}}}}"
        let retention = "sweep_every: never, results: {max_size: 1MiB}"
        try await withDaemon(settings: Self.settings(retention, queues)) { daemon in
            let spool = daemon.spool
            try await spool.makeQueue("small")
            for number in 0..<4 {
                let script = "head -c 40000 /dev/zero >data"
                try spool.drop("s\(number).sh", script: script, queue: "small")
                _ = try await spool.result(of: "s\(number).sh", queue: "small")
                try spool.drop("d\(number).sh", script: script)
                _ = try await spool.result(of: "d\(number).sh")
            }
            try await eventually("all are remembered") {
                try TemporarySpool.objects(try await spool.bobbin("history", "--json", as: spool.owner)).count == 8
            }
            let sweep = try await spool.bobbin("sweep", as: spool.owner)
            #expect(sweep.code == 0, "\(sweep.output)")
            #expect(spool.results("small").map(\.name) == ["s3"], "\(sweep.output)")
            #expect(spool.results().count == 4)
            #expect(!spool.exists(spool.outbox("small") + "/s0"), "a link goes with its result")
            #expect(sweep.output.contains("beyond 100KiB (queues.small.retention.results.max_size)"))
            // What the parts take is told.
            let ps = try await spool.bobbin("ps")
            #expect(ps.output.contains("space: inbox "), "\(ps.output)")
        }
    }

    /// Results of an earlier history, and what else lies in `state/`, go by their own time stamps.
    @Test func whatTheHistoryDoesNotKnowGoesByItsOwnTime() async throws {
        let retention = "sweep_every: 1s, results: {age: 30d, failed_age: 90d, keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            let runs = try await makeResults(spool, 3)
            try await daemon.stop()
            try await spool.shell(
                """
                sqlite3 -cmd '.filectrl persist_wal 1' history/history.sqlite 'DELETE FROM run; DELETE FROM attempt'
                touch -d '100 days ago' outbox/default/old.\(runs[0]) state/archive/\(runs[0])
                mkdir state/archive/stray; touch -d '100 days ago' state/archive/stray
                """.inSpool, as: geteuid())
            try await daemon.start()
            try await eventually("the old one goes, the others stay") {
                spool.results().map(\.run) == Array(runs.suffix(2))
            }
            try await eventually("its bundle and the stray, too") {
                let left = try await spool.shell("ls state/archive".inSpool, as: spool.owner)
                return !left.contains(runs[0]) && !left.contains("stray") && left.contains(runs[1])
            }
        }
    }

    /// The wall clock of the last sweep is set back in the history, which is the same as a clock that has jumped ahead since.
    @Test func aClockThatJumpsAheadEmptiesNothing() async throws {
        let retention = "sweep_every: 1s, results: {age: 1h, failed_age: 1h, keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            let runs = try await makeResults(spool, 2)
            try await daemon.stop()
            let database = spool.path + "/history/history.sqlite"
            // Two hours between the clocks: by the wall clock both results are older than an hour.
            try await Command.check([
                "sqlite3", database,
                "UPDATE run SET finished_at = finished_at - 7200000; UPDATE memory SET swept_at = swept_at - 7200000",
            ])
            try await daemon.start()
            let sweep = try await spool.bobbin("sweep", as: spool.owner)
            #expect(sweep.output == "nothing went\n")
            #expect(spool.results().map(\.run) == runs)
        }
    }

    @Test func whatCannotBeDeletedIsSaidOnceAndSkipped() async throws {
        let retention = "sweep_every: 1s, results: {age: 1s, failed_age: 1s, keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            try await spool.ask("drain")
            try spool.drop("stuck.sh", script: "echo stuck")
            try await spool.takeBack("drain")
            let stuck = try await spool.result(of: "stuck.sh")
            let flagged = try await Command.run(["chattr", "+i", stuck.path])
            guard flagged.code == 0 else { return }
            do {
                try await eventually("it is said") { daemon.log.contains("cannot be swept and stays") }
                try spool.drop("free.sh", script: "echo free")
                let free = try await spool.result(of: "free.sh")
                try await eventually("the other one goes") { !spool.exists(free.path) }
                #expect(spool.exists(stuck.path))
                #expect(daemon.log.components(separatedBy: "cannot be swept and stays").count == 2, "once")
            } catch {
                try await Command.check(["chattr", "-i", stuck.path])
                throw error
            }
            try await Command.check(["chattr", "-i", stuck.path])
            try await eventually("and now it goes, too") { !spool.exists(stuck.path) }
        }
    }

    @Test func theHistoryForgetsAndRefusesWhatItForgot() async throws {
        let retention = "sweep_every: never, history: {max_rows: 2}, results: {keep_last: never}"
        try await withDaemon(settings: Self.settings(retention)) { daemon in
            let spool = daemon.spool
            let runs = try await makeResults(spool, 5)
            try await eventually("all are remembered") {
                try TemporarySpool.objects(try await spool.bobbin("history", "--json", as: spool.owner)).count == 5
            }
            let sweep = try await spool.bobbin("sweep", "--json", as: spool.owner)
            let rows = try TemporarySpool.objects(sweep).filter { $0["kind"] as? String == "runs" }
            #expect(rows.first?["count"] as? Int == 3, "\(sweep.output)")
            #expect(try TemporarySpool.objects(try await spool.bobbin("history", "--json", as: spool.owner)).count == 2)
            // The id was used, and the history cannot know it any more: it must not run again.
            try spool.drop("old.\(runs[0]).sh", script: "echo again")
            try await spool.taken("old.\(runs[0]).sh")
            let refused = try await eventually("it is refused") {
                spool.results(named: "old").first { $0.state == "rejected" }
            }
            #expect(refused.errorCodes == ["run_id_too_old"], "\(refused)")
            let stats = try await spool.bobbin("stats", "--by", "name", "--json", as: spool.owner)
            #expect(stats.output.contains("\"runs\":6") || stats.output.contains("\"runs\":5"), "\(stats.output)")
        }
    }
}
