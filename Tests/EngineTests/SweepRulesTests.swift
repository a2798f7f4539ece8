import History
import Linux
import Runs
import Testing

@testable import Engine

@Suite("What a sweep takes")
struct SweepRulesTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)
    private static let day: Int64 = 86_400_000

    /// `q/n d3 s 10`: queue, name, days ago, succeeded or failed, bytes.
    private func items(_ lines: [String]) throws -> [Sweepable] {
        try lines.map { line in
            let words = line.split(separator: " ").map(String.init)
            let path = words[0].split(separator: "/").map(String.init)
            let days = try #require(Int64(words[1]))
            return Sweepable(
                series: .init(queue: try #require(QueueName(path[0])), name: try #require(BundleName(path[1]))),
                run: .new(), endedAt: Timestamp(milliseconds: Self.now.milliseconds - days * Self.day),
                hasSucceeded: words[2] == "s", bytes: try #require(Int64(words[3])))
        }
    }

    private func decide(
        _ lines: [String], age: Int64? = nil, failedAge: Int64? = nil, keepLast: Int? = nil, queueSize: Int64? = nil,
        maxSize: Int64? = nil
    ) throws -> [(index: Int, reason: String)] {
        let items = try items(lines)
        let kept = Retention.Kept(
            age: age.map { $0 * Self.day }, failedAge: failedAge.map { $0 * Self.day }, keepLast: keepLast,
            maxSize: queueSize)
        let rules = SweepRules(kind: "results", maxSize: maxSize, kept: { _ in kept }, now: Self.now)
        return rules.decide(items).compactMap { decision in
            items.firstIndex(of: decision.item).map { ($0, "\(decision.reason)") }
        }
    }

    @Test("Age counts from the end; what failed has its own; just as old is not older")
    func age() throws {
        let gone = try decide(["q/a 31 s 1", "q/a 30 s 1", "q/a 31 f 1", "q/a 91 f 1"], age: 30, failedAge: 90)
        #expect(gone.map(\.index) == [3, 0])
        #expect(gone.map(\.reason) == ["older than 90d (results.failed_age)", "older than 30d (results.age)"])
    }

    @Test("Never is never")
    func never() throws { #expect(try decide(["q/a 9999 s 1", "q/a 9999 f 1"]).isEmpty) }

    @Test("The newest of a queue's name stay whatever their age, each name and queue by itself")
    func keepLast() throws {
        let lines = ["q/a 50 s 1", "q/a 40 f 1", "q/a 45 s 1", "q/b 99 s 1", "p/a 99 s 1", "q/a 60 s 1"]
        #expect(try decide(lines, age: 30, failedAge: 30, keepLast: 2).map(\.index) == [5, 0])
        #expect(try decide(lines, age: 30, failedAge: 30, keepLast: 1).map(\.index) == [5, 0, 2])
    }

    @Test("Size wins over all, the oldest first, and counts only what age has left")
    func size() throws {
        let lines = ["q/a 1 s 10", "q/a 2 s 10", "q/b 3 s 10", "q/b 40 s 10"]
        let gone = try decide(lines, age: 30, keepLast: 9, maxSize: 25)
        #expect(gone.map(\.index) == [3, 2])
        #expect(gone.first?.reason == "beyond 25B (retention.results.max_size)")
        // The old one goes for its age, and then the rest fits.
        #expect(try decide(lines, age: 30, maxSize: 30).map(\.index) == [3])
        #expect(try decide(["q/a 1 s 100"], maxSize: 25).map(\.index) == [0])
        // One that is too large by itself takes no other along.
        #expect(try decide(["q/a 1 s 100", "q/b 2 s 10", "q/c 3 s 10"], maxSize: 25).map(\.index) == [0])
    }

    @Test("A queue's own size is its own; what it takes counts in the spool's no more")
    func queueSize() throws {
        let lines = ["q/a 1 s 10", "q/a 2 s 10", "p/a 3 s 10", "p/a 4 s 10"]
        let gone = try decide(lines, queueSize: 15, maxSize: 20)
        #expect(gone.map(\.index) == [3, 1])
        #expect(gone.first?.reason == "beyond 15B (queues.p.retention.results.max_size)")
    }

    private static let hour: Int64 = 3_600_000

    @Test(
        "Ages follow the slower of the clocks",
        arguments: [
            // In hours since the last sweep: the wall clock, the boot clock, whether it is the same boot; what time it is.
            (0, 0, true, 0), (5, 5, true, 5), (9000, 5, true, 5), (-7, 2, true, -7), (9000, -3, true, 0),
            // After another boot: 40 hours off are believed, a year is not.
            (42, 2, false, 42), (9000, 2, false, 74), (1, 2, false, 1),
        ] as [(Int64, Int64, Bool, Int64)])
    func clock(wall: Int64, boot: Int64, isSameBoot: Bool, expected: Int64) {
        let last = SweepMark(at: Self.now, bootID: "one", bootMilliseconds: 100 * Self.hour)
        let uptime = Uptime(
            bootID: isSameBoot ? "one" : "two",
            milliseconds: (isSameBoot ? 100 + boot : boot) * Self.hour)
        func time(_ hours: Int64) -> Timestamp {
            Timestamp(milliseconds: Self.now.milliseconds + hours * Self.hour)
        }
        #expect(SweepClock.now(wall: time(wall), isKept: false, uptime: uptime, last: last) == time(expected))
        #expect(SweepClock.now(wall: time(wall), isKept: true, uptime: uptime, last: last) == time(wall))
        #expect(SweepClock.now(wall: time(wall), isKept: false, uptime: uptime, last: nil) == time(wall))
        #expect(SweepClock.mark(time(wall), uptime, last: last).at >= last.at)
    }

    @Test("A mark that a clock made before it was set counts for nothing")
    func wrongMark() {
        let last = SweepMark(at: Timestamp(milliseconds: 60_000), bootID: "one", bootMilliseconds: 0)
        let uptime = Uptime(bootID: "one", milliseconds: 1000)
        #expect(SweepClock.now(wall: Self.now, isKept: false, uptime: uptime, last: last) == Self.now)
    }
}
