import Foundation
import Runs
import Testing

/// THREATS 13 and 25: the wall clock is set an hour forwards or backwards while the daemon runs.
@Suite(.inTurn, .enabled(if: ShiftedClock.compiler != nil, "no C compiler in PATH")) struct ClockTests {
    private static let hour = 3600
    private static let ways = [hour, -hour]

    private func withClock(
        settings: String = Brisk.settings, _ body: (Daemon, ShiftedClock) async throws -> Void
    ) async throws {
        let clock = try await ShiftedClock()
        try await withDaemon(settings: settings, environment: clock.environment) { daemon in
            try await body(daemon, clock)
        }
        await clock.remove()
    }

    /// The moments of a result, and that the daemon's wall clock has really gone wrong by then.
    private func expectShifted(
        _ result: ResultDirectory, by seconds: Int, _ location: SourceLocation = #_sourceLocation
    ) {
        let text = result.status["finished_at"] as? String ?? ""
        let finished = Timestamp(text)?.date.timeIntervalSince1970 ?? 0
        let ahead = finished - Date().timeIntervalSince1970
        #expect(abs(ahead - Double(seconds)) < 300, "\(text) is \(ahead) s ahead", sourceLocation: location)
    }

    @Test(arguments: ways) func aRunHasItsTimeout(_ jump: Int) async throws {
        try await withClock { daemon, clock in
            let spool = daemon.spool
            try spool.drop(
                "within", files: ["manifest.yaml": "timeout: 1m", "main.sh": "echo on; \(Held.here); echo through"])
            try spool.drop(
                "over", files: ["manifest.yaml": "{timeout: 5s, stop_grace: 100ms}", "main.sh": "echo on; sleep 600"])
            for name in ["within", "over"] { try await spool.run(of: name, in: "running") }
            let began = ContinuousClock.now
            try clock.set(jump)
            let over = try await spool.result(named: "over", within: .seconds(30))
            let took = ContinuousClock.now - began
            #expect(over.state == "timed_out", "\(over)")
            #expect(took > .seconds(2), "it had \(took) after the jump")
            let wall = over.status["wall_seconds"] as? Double ?? 0
            #expect(wall > 4.9 && wall < 30, "\(wall) s by the monotonic clock")
            try await daemon.letGo("within")
            let within = try await spool.result(named: "within")
            #expect(within.state == "succeeded" && within.stdout == "on\nthrough\n", "\(within)")
            expectShifted(within, by: jump)
        }
    }

    @Test(arguments: ways) func whatWaitsToSettleOrToBeTriedAgainWaitsAsLong(_ jump: Int) async throws {
        let settings = Brisk.settings.replacing("settle: 300ms", with: "settle: 2s")
        try await withClock(settings: settings) { daemon, clock in
            let spool = daemon.spool
            try spool.drop(
                "again",
                files: [
                    "manifest.yaml": "retry: {attempts: 2, wait: 4s, on: [failed]}",
                    "main.sh": "echo attempt $BOBBIN_ATTEMPT; [ $BOBBIN_ATTEMPT = 2 ]",
                ])
            try await eventually("it waits for another attempt") {
                spool.live("again")?.status["retry_at"] != nil
            }
            let began = ContinuousClock.now
            try clock.set(jump)
            try await spool.shell("mkdir $INBOX/slow; echo 'echo settled' >$INBOX/slow/main.sh")
            let slow = try await spool.result(of: "slow", within: .seconds(30))
            #expect(slow.stdout == "settled\n", "\(slow)")
            #expect(ContinuousClock.now - began > .seconds(1.9), "a directory made in place is looked at twice")
            let again = try await spool.result(named: "again", within: .seconds(30))
            #expect(again.state == "succeeded" && again.stdout == "attempt 2\n", "\(again)")
            #expect(ContinuousClock.now - began > .seconds(3), "its wait was not cut short")
            expectShifted(again, by: jump)
        }
    }

    /// By the clock the second drop is the older one, or one from the future.
    @Test(arguments: ways) func theOrderIsThatOfTheDrops(_ jump: Int) async throws {
        try await withClock(settings: Brisk.settings(slots: 1)) { daemon, clock in
            let spool = daemon.spool
            try spool.drop("held.sh", script: Held.here)
            try await spool.run(of: "held", in: "running")
            for (number, shift) in [0, jump, 0].enumerated() {
                try clock.set(shift)
                let script = "echo \(number); cat /proc/sys/kernel/random/uuid"
                try spool.drop("same.sh", script: script)
                try await spool.taken("same.sh")
                try await eventually("\(number + 1) wait") { spool.liveCount() == number + 2 }
            }
            try clock.set(jump)
            try await daemon.letGo("held")
            try await eventually("all have run") { spool.results(named: "same").count == 3 }
            let newest = try await spool.result(named: "same")
            #expect(newest.stdout.hasPrefix("2\n"), "the link shows the newest drop: \(newest.stdout)")
            // A result is visible a moment before it is remembered.
            let order = try await eventually("the history has all three") { () async throws -> [Character?]? in
                let claims = try await Command.check([
                    "sqlite3", spool.path + "/history/history.sqlite",
                    "SELECT group_concat(run, ' ') FROM (SELECT run FROM runs WHERE name = 'same' ORDER BY claim)",
                ]).split(whereSeparator: \.isWhitespace)
                guard claims.count == 3 else { return nil }
                return claims.map { run in spool.results(named: "same").first { $0.run == run }?.stdout.first }
            }
            #expect(order == ["0", "1", "2"], "\(order)")
        }
    }

    @Test(arguments: ways) func nothingIsSweptForIt(_ jump: Int) async throws {
        let retention =
            "retention: {sweep_every: 1s, results: {age: 30m, failed_age: 30m, keep_last: never}, archive: {age: 30m}}"
        try await withClock(settings: Brisk.settings(retention)) { daemon, clock in
            let spool = daemon.spool
            for name in ["one", "two"] {
                try spool.drop("\(name).sh", script: "echo \(name)")
                _ = try await spool.result(of: "\(name).sh")
            }
            let runs = spool.results().map(\.run)
            // One sweep at the right time, so that there is a clock to compare with.
            #expect(try await spool.bobbin("sweep", as: spool.owner).output == "nothing went\n")
            try clock.set(jump)
            #expect(try await spool.bobbin("sweep", as: spool.owner).output == "nothing went\n")
            #expect(spool.results().map(\.run) == runs)
        }
    }

    /// Whoever drops goes by the right clock.
    @Test(arguments: ways) func aRunIdOfTheRightTimeIsTaken(_ jump: Int) async throws {
        try await withClock { daemon, clock in
            let spool = daemon.spool
            try clock.set(jump)
            let run = RunID.new().description
            for _ in 0..<2 {
                try spool.drop("mine.\(run).sh", script: "echo mine")
                try await spool.taken("mine.\(run).sh")
            }
            let result = try await spool.result(ofRun: run, named: "mine")
            #expect(result.state == "succeeded" && result.stdout == "mine\n", "\(result)")
            #expect(spool.results().count == 1)
        }
    }
}
