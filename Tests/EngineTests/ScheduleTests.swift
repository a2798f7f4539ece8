import Runs
import Testing

@testable import Engine

@Suite("Whose turn it is")
struct ScheduleTests {
    private func queue(_ name: String) throws -> QueueName { try #require(QueueName(name)) }

    private func runs(_ count: Int) -> [RunID] { (0..<count).map { _ in RunID.new() } }

    @Test("Queues with startable work take strict turns")
    func turns() throws {
        var schedule = Schedule()
        let names = try ["a", "b", "c"].map { try queue($0) }
        var expected: [RunID] = []
        let runs = runs(9)
        for (index, run) in runs.enumerated() {
            schedule.add(run, queue: names[index / 3], priority: 50, sequence: Int64(index))
        }
        for index in 0..<3 { for queue in 0..<3 { expected.append(runs[queue * 3 + index]) } }
        #expect((0..<9).map { _ in schedule.next { _ in 9 } } == expected)
        #expect(schedule.next { _ in 9 } == nil)
        #expect(schedule.waitingCount == 0)
        #expect(!schedule.isIdle)
        for name in names { for _ in 0..<3 { schedule.ended(in: name) } }
        #expect(schedule.isIdle)
    }

    @Test("What waits in a paused queue keeps nobody's result back")
    func waiting() throws {
        var schedule = Schedule()
        let (paused, open) = (try queue("a"), try queue("b"))
        let runs = runs(2)
        #expect(!schedule.isAnyWaiting { _ in 1 })
        schedule.add(runs[0], queue: paused, priority: 50, sequence: 1)
        #expect(schedule.isAnyWaiting { _ in 1 })
        #expect(!schedule.isAnyWaiting { $0 == paused ? 0 : 1 })
        schedule.add(runs[1], queue: open, priority: 50, sequence: 2)
        #expect(schedule.isAnyWaiting { $0 == paused ? 0 : 1 })
        _ = schedule.next { $0 == paused ? 0 : 1 }
        #expect(!schedule.isAnyWaiting { $0 == paused ? 0 : 1 })
    }

    @Test("A queue that had its turn waits behind the others, also behind one that came later")
    func newQueue() throws {
        var schedule = Schedule()
        let runs = runs(3)
        schedule.add(runs[0], queue: try queue("m"), priority: 50, sequence: 1)
        schedule.add(runs[1], queue: try queue("m"), priority: 50, sequence: 2)
        #expect(schedule.next { _ in 1000 } == runs[0])
        schedule.add(runs[2], queue: try queue("a"), priority: 99, sequence: 3)
        #expect(schedule.next { _ in 1000 } == runs[2])
        #expect(schedule.next { _ in 1000 } == runs[1])
    }

    @Test("Within a queue priority comes first, then the order of claiming, never the id")
    func order() throws {
        var schedule = Schedule()
        let name = try queue("q")
        let runs = Array(runs(5).sorted().reversed())
        for (run, (priority, sequence)) in zip(runs, [(50, 4), (1, 9), (50, 3), (99, 1), (1, 8)] as [(Int, Int64)]) {
            schedule.add(run, queue: name, priority: priority, sequence: sequence)
        }
        let order = (0..<5).map { _ in schedule.next { _ in 9 } }
        #expect(order == [runs[4], runs[1], runs[2], runs[0], runs[3]])
    }

    @Test("A queue's limit holds, and a paused one keeps nobody back")
    func limits() throws {
        var schedule = Schedule()
        let (full, open) = (try queue("a"), try queue("b"))
        let runs = runs(4)
        for (index, run) in runs.enumerated() {
            schedule.add(run, queue: index < 2 ? full : open, priority: 50, sequence: Int64(index))
        }
        let limit = { (name: QueueName) in name == full ? 1 : 9 }
        #expect(schedule.next(limit: limit) == runs[0])
        #expect(schedule.next(limit: limit) == runs[2])
        #expect(schedule.next(limit: limit) == runs[3])
        #expect(schedule.next(limit: limit) == nil)
        schedule.ended(in: full)
        #expect(schedule.next { _ in 0 } == nil)
        #expect(schedule.waitingCount == 1)
        #expect(schedule.next(limit: limit) == runs[1])
    }

    @Test("What is withdrawn never starts, and is withdrawn once")
    func withdrawing() throws {
        var schedule = Schedule()
        let runs = runs(3)
        for (index, run) in runs.enumerated() {
            schedule.add(run, queue: try queue("q"), priority: 50, sequence: Int64(index))
        }
        #expect(schedule.withdraw(runs[0]) == true)
        #expect(schedule.withdraw(runs[0]) == false)
        #expect(schedule.withdraw(RunID.new()) == false)
        #expect(schedule.waitingCount == 2)
        #expect(schedule.next { _ in 9 } == runs[1])
        #expect(schedule.withdraw(runs[1]) == false)
        #expect(schedule.withdraw(runs[2]) == true)
        #expect(schedule.next { _ in 9 } == nil)
        schedule.ended(in: try queue("q"))
        #expect(schedule.isIdle)
    }

    /// The same rules, written as slowly and plainly as can be.
    private struct Model {
        var waiting: [(run: RunID, queue: QueueName, priority: Int, sequence: Int64)] = []
        var running: [QueueName: Int] = [:]
        var last: QueueName?

        mutating func next(_ limit: (QueueName) -> Int) -> RunID? {
            let startable = Set(waiting.map(\.queue)).filter { running[$0, default: 0] < limit($0) }.sorted()
            guard let queue = startable.first(where: { name in last.map { $0 < name } ?? true }) ?? startable.first,
                let index = waiting.indices.filter({ waiting[$0].queue == queue })
                    .min(by: {
                        (waiting[$0].priority, waiting[$0].sequence) < (waiting[$1].priority, waiting[$1].sequence)
                    })
            else { return nil }
            last = queue
            running[queue, default: 0] += 1
            return waiting.remove(at: index).run
        }
    }

    @Test("Whatever happens, it does what the plain rules say", arguments: 0..<20)
    func model(seed: Int) throws {
        var generator = Seeded(state: UInt64(seed))
        let names = try ["a", "b", "c", "d", "e"].map { try queue($0) }
        var schedule = Schedule()
        var model = Model()
        var running: [(RunID, QueueName)] = []
        var queues: [RunID: QueueName] = [:]
        for sequence in 0..<600 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let run = RunID(at: .now(), using: &generator)
                let name = names[Int.random(in: 0..<names.count, using: &generator)]
                let priority = Int.random(in: 1...3, using: &generator)
                schedule.add(run, queue: name, priority: priority, sequence: Int64(sequence))
                model.waiting.append((run, name, priority, Int64(sequence)))
                queues[run] = name
            case 4..<5:
                guard let gone = model.waiting.randomElement(using: &generator)?.run else { break }
                #expect(schedule.withdraw(gone) == true)
                model.waiting.removeAll { $0.run == gone }
            case 5..<7:
                guard !running.isEmpty else { break }
                let (_, name) = running.remove(at: Int.random(in: 0..<running.count, using: &generator))
                schedule.ended(in: name)
                model.running[name, default: 0] -= 1
            default:
                let limits = Dictionary(
                    uniqueKeysWithValues: names.map { ($0, Int.random(in: 0...3, using: &generator)) })
                let limit = { (name: QueueName) in limits[name] ?? 0 }
                let run = schedule.next(limit: limit)
                try #require(run == model.next(limit))
                if let run, let name = queues[run] { running.append((run, name)) }
            }
            try #require(schedule.waitingCount == model.waiting.count)
        }
    }
}

/// Random numbers that are the same in every run of a test: SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
