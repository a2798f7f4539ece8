import Testing

@testable import Threads

@Suite("Timers")
struct TimersTests {
    @Test("They are due by their time, those of one time in the order they were made")
    func order() {
        var timers = Timers<String>()
        for (name, time) in [("c", 30), ("a", 10), ("d", 30), ("b", 20)] as [(String, Int64)] {
            timers.set(timers.newID(), at: time, name)
        }
        #expect(timers.earliest == 10)
        #expect(timers.popDue(at: 9) == nil)
        var found: [String] = []
        while let name = timers.popDue(at: 30) { found.append(name) }
        #expect(found == ["a", "b", "c", "d"])
        #expect(timers.earliest == nil)
    }

    @Test("A cancelled timer is never due, and no reason to wake")
    func cancelling() {
        var timers = Timers<String>()
        let ids = (0..<3).map { _ in timers.newID() }
        for (index, id) in ids.enumerated() { timers.set(id, at: Int64(index), "\(index)") }
        #expect(timers.cancel(ids[0]) == "0")
        #expect(timers.cancel(ids[0]) == nil)
        #expect(timers.earliest == 1)
        #expect(timers.cancel(ids[2]) == "2")
        #expect(timers.popDue(at: 9) == "1")
        #expect(timers.popDue(at: 9) == nil)
        #expect(timers.earliest == nil)
    }

    @Test("Cancelled behind one that stays, they do not pile up")
    func memory() {
        var timers = Timers<Int>()
        timers.set(timers.newID(), at: 0, 0)
        for number in 1...10_000 {
            let id = timers.newID()
            timers.set(id, at: Int64(number), number)
            #expect(timers.cancel(id) == number)
        }
        #expect(timers.count == 1)
        #expect(timers.size < 100)
    }
}
