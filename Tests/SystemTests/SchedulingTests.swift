import Foundation
import Runs
import Testing

/// Whose turn it is: slots, priority, turns, pause, drain, a bounded queue.
@Suite(.inTurn) struct SchedulingTests {
    /// When a run began and ended, by status.json.
    private static func times(_ result: ResultDirectory) -> (start: String, end: String) {
        (result.status["started_at"] as? String ?? "", result.status["finished_at"] as? String ?? "")
    }

    /// The most of these runs that were under way at one time, by their scripts' own clocks.
    private static func mostAtOnce(_ results: [ResultDirectory]) -> Int {
        var events: [(Double, Int)] = []
        for result in results {
            let times = result.stdout.split(separator: "\n").compactMap { Double($0) }
            if times.count == 2 { events += [(times[0], 1), (times[1], -1)] }
        }
        var now = 0
        var most = 0
        for (_, change) in events.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            now += change
            most = max(most, now)
        }
        return most
    }

    private static let timed = "date +%s.%N; sleep 0.3; date +%s.%N"

    @Test func neverMoreThanTheSlotsAndAQueuesOwn() async throws {
        let queues = "queues: {narrow: {slots: 1}, default: {}}"
        try await withDaemon(settings: Brisk.settings(slots: 3, queues)) { daemon in
            let spool = daemon.spool
            try await spool.makeQueue("narrow")
            for number in 0..<9 { try spool.drop("w\(number).sh", script: Self.timed) }
            for number in 0..<4 { try spool.drop("n\(number).sh", script: Self.timed, queue: "narrow") }
            var wide: [ResultDirectory] = []
            var narrow: [ResultDirectory] = []
            for number in 0..<9 { wide.append(try await spool.result(of: "w\(number).sh")) }
            for number in 0..<4 { narrow.append(try await spool.result(of: "n\(number).sh", queue: "narrow")) }
            #expect(Self.mostAtOnce(narrow) == 1)
            #expect(Self.mostAtOnce(wide + narrow) == 3, "three slots are used, and no more")
        }
    }

    @Test func priorityThenTheOrderOfArrivalAndTurnsBetweenQueues() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try await spool.makeQueue("other")
            try await spool.ask("drain")
            try await eventually("it drains") { daemon.log.contains("draining") }
            func drop(_ name: String, _ priority: Int, _ queue: String = "default") async throws {
                try spool.drop(
                    name, files: ["manifest.yaml": "priority: \(priority)", "main.sh": "date +%s.%N"], queue: queue)
                try await spool.run(of: name, in: "queued", queue: queue)
            }
            for (name, priority) in [("late", 99), ("b1", 50), ("b2", 50), ("b3", 50), ("first", 1)] {
                try await drop(name, priority)
            }
            try await drop("o1", 50, "other")
            try await drop("o2", 50, "other")
            #expect(spool.results().isEmpty, "nothing starts while it drains")
            try await spool.takeBack("drain")
            var began: [(String, String)] = []
            for name in ["late", "b1", "b2", "b3", "first"] {
                began.append((try await spool.result(of: name).stdout, name))
            }
            for name in ["o1", "o2"] { began.append((try await spool.result(of: name, queue: "other").stdout, name)) }
            let order = began.sorted { $0.0 < $1.0 }.map(\.1)
            #expect(order.filter { !$0.hasPrefix("o") } == ["first", "b1", "b2", "b3", "late"], "\(order)")
            // Strict turns: two of the other queue are through before the third of this one.
            #expect(order.prefix(4).filter { $0.hasPrefix("o") } == ["o1", "o2"], "\(order)")
        }
    }

    @Test func aPausedQueueWaitsOthersGoOnAndItSurvivesARestart() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try await spool.makeQueue("held")
            try spool.drop("running.sh", script: "\(Held.here); echo went on", queue: "held")
            try await spool.run(of: "running", in: "running", queue: "held")
            try await spool.ask("pause/held")
            try await eventually("it is paused") { daemon.log.contains("paused queues: held") }
            try spool.drop("waits.sh", script: "echo waited", queue: "held")
            try await spool.run(of: "waits", in: "queued", queue: "held")
            try await daemon.letGo("running")
            #expect(try await spool.result(named: "running", queue: "held").stdout == "went on\n")
            try spool.drop("free.sh", script: "echo free")
            #expect(try await spool.result(of: "free.sh").stdout == "free\n")
            #expect(spool.live("waits", "held")?.state == "queued")
            try await daemon.stop()
            try await daemon.start()
            try spool.drop("free-again.sh", script: "echo free")
            _ = try await spool.result(of: "free-again.sh")
            #expect(spool.live("waits", "held")?.state == "queued", "it is paused after a restart, too")
            try await spool.takeBack("pause/held")
            #expect(try await spool.result(named: "waits", queue: "held").stdout == "waited\n")
        }
    }

    @Test func beyondMaxQueuedBundlesStayInTheInbox() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1, intake: "max_queued: 5")) { daemon in
            let spool = daemon.spool
            try await spool.ask("drain")
            try await eventually("it drains") { daemon.log.contains("draining") }
            for number in 0..<20 { try spool.drop("m\(number).sh", script: "echo \(number)") }
            try await eventually("five are taken") {
                spool.liveCount() == 5
            }
            // Time for more to be taken, if they were.
            try await Task.sleep(for: .seconds(1))
            #expect(spool.liveCount() == 5)
            #expect(try FileManager.default.contentsOfDirectory(atPath: spool.inbox()).count == 15)
            try await spool.takeBack("drain")
            for number in 0..<20 { #expect(try await spool.result(of: "m\(number).sh").stdout == "\(number)\n") }
        }
    }
}
