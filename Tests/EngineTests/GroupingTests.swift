import Dispatch
import History
import Linux
import Logging
import Spool
import Runs
import Synchronization
import TestSupport
import SystemPackage
import Testing

@testable import Engine

@Suite("Counting and grouping")
struct GroupingTests {
    @Test("Claims are numbered once each, from where the last daemon stopped")
    func counter() async {
        let counter = ClaimCounter(next: 41)
        #expect(counter.next() == 41)
        let numbers = await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<4 { group.addTask { (0..<250).map { _ in counter.next() } } }
            return await group.reduce(into: [Int64]()) { $0 += $1 }
        }
        #expect(numbers.sorted() == Array(42...1041))
    }

    @Test("Whoever asks for a flush gets one, however many ask at once", .timeLimit(.minutes(10)))
    func flusher() async throws {
        let scratch = try Scratch()
        let flusher = try Flusher { () throws(Errno) in try scratch.root.syncFilesystem() }
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { try await flusher.flush(patience: number % 3 == 0 ? nil : .milliseconds(2)) }
            }
            try await group.waitForAll()
        }
        // Alone, too, and with nobody urgent to come along with.
        try await flusher.flush()
        try await flusher.flush(patience: .milliseconds(2))
    }

    @Test("Whoever asks while a flush is under way shares the next one, urgent or not", .timeLimit(.minutes(10)))
    func sharedFlush() async throws {
        let disk = Disk()
        let flusher = try Flusher(sync: disk.sync)
        try await withThrowingTaskGroup { group in
            group.addTask { try await flusher.flush() }
            await disk.waitForSync()
            for number in 0..<50 {
                // One that can wait would, for far longer than this test may take.
                group.addTask { try await flusher.flush(patience: number == 0 ? nil : .seconds(3600)) }
            }
            // Only who has asked before the disk is free shares.
            while flusher.waitingCount < 50 { await Task.yield() }
            disk.finish()
            await disk.waitForSync()
            disk.finish()
            try await group.waitForAll()
        }
        #expect(disk.count == 2)
    }

    @Test("A result takes the next start's flush; without a start it gets its own", .timeLimit(.minutes(10)))
    func patience() async throws {
        let disk = Disk(isFree: true)
        let flusher = try Flusher(sync: disk.sync)
        try await withThrowingTaskGroup { group in
            group.addTask { try await flusher.flush(patience: .seconds(3600)) }
            while flusher.waitingCount < 1 { await Task.yield() }
            try await flusher.flush()
            try await group.waitForAll()
        }
        #expect(disk.count == 1)
        try await Flusher(sync: disk.sync).flush(patience: .milliseconds(1))
        #expect(disk.count == 2)
    }

    @Test("A marked flush leaves its number, after the flush and before anybody goes on", .timeLimit(.minutes(10)))
    func mark() async throws {
        let disk = Disk(isFree: true)
        let marks = Mutex<[Int64]>([])
        let flusher = try Flusher(sync: disk.sync) { number throws(Errno) in marks.withLock { $0.append(number) } }
        try await flusher.begin(after: 41)
        #expect(marks.withLock { $0 } == [42])
        #expect(flusher.next == 43)
        try await flusher.flush()
        #expect(marks.withLock { $0 } == [42], "nobody asked for it")
        #expect(flusher.next == 44)
        try await flusher.flush(isMarked: true)
        #expect(marks.withLock { $0 } == [42, 44])
        #expect(disk.count == 3)
    }

    @Test("Without its mark a flush has failed", .timeLimit(.minutes(10)))
    func unmarked() async throws {
        let disk = Disk(isFree: true)
        let flusher = try Flusher(sync: disk.sync) { _ throws(Errno) in throw .ioError }
        await #expect(throws: Errno.ioError) { try await flusher.flush(isMarked: true) }
        try await flusher.flush()
    }

    @Test("Runs that end together are all remembered, each once", .timeLimit(.minutes(10)), arguments: [false, true])
    func rememberer(isBusy: Bool) async throws {
        let scratch = try Scratch()
        let history = try HistoryWriter(path: "\(scratch.path)/history.sqlite")
        let logger = Logger(label: "test")
        let hindrances = Hindrances(control: try Directory(path: scratch.path), logger: logger)
        let rememberer = Rememberer(history: history, hindrances: hindrances, logger: logger)
        let records = try (1...60).map { number in
            HistoryRecord(
                status: RunStatus(
                    run: .new(), name: try #require(BundleName("report")), queue: try #require(QueueName("default")),
                    state: .succeeded, owner: "anna", submittedAt: .now()), claim: Int64(number))
        }
        let answers = await withTaskGroup { group in
            for record in records { group.addTask { await rememberer.remember(record, isBusy: isBusy) } }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(answers == [Bool](repeating: true, count: records.count))
        for record in records { #expect(try await history.knows(record.status.run) != nil) }
        #expect(try history.lastClaimBlocking() == 60)
        try history.close()
    }

    @Test("A history that cannot be written keeps nobody waiting", .timeLimit(.minutes(10)))
    func hindered() async throws {
        let scratch = try Scratch()
        let history = try HistoryWriter(path: "\(scratch.path)/history.sqlite")
        try history.close()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let control = try Directory(path: scratch.path)
        let hindrances = Hindrances(control: control, logger: logger)
        let rememberer = Rememberer(history: history, hindrances: hindrances, logger: logger)
        let record = HistoryRecord(
            status: RunStatus(
                run: .new(), name: try #require(BundleName("report")), queue: try #require(QueueName("default")),
                state: .succeeded, owner: "anna", submittedAt: .now()), claim: 1)
        #expect(await rememberer.remember(record, isBusy: false) == false)
        let said = try HindranceFile.reading(control)
        #expect(said.map(\.activity) == [.remembering])
        #expect(said.first?.reason.contains("is closed") == true)
        hindrances.end(.remembering)
        #expect(try HindranceFile.reading(control).isEmpty)
        // Nobody rests once the daemon stops.
        hindrances.stop()
        #expect(await hindrances.rest(.seconds(3600)) == false)
    }

    @Test("Places are taken and given back in order, never more than there are", .timeLimit(.minutes(10)))
    func places() async {
        let places = AsyncPlaces(3)
        let inside = Inside()
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await places.take()
                    await inside.enter()
                    await Task.yield()
                    await inside.leave()
                    places.giveBack()
                }
            }
        }
        #expect(await inside.most <= 3)
        #expect(await inside.count == 0)
    }

    /// A disk whose every flush takes until the test lets it be done.
    private final class Disk: Sendable {
        private let counted = Mutex(0)
        private let began: AsyncStream<Void>
        private let beginning: AsyncStream<Void>.Continuation
        private let isDone: DispatchSemaphore?

        init(isFree: Bool = false) {
            (began, beginning) = AsyncStream<Void>.makeStream()
            isDone = isFree ? nil : DispatchSemaphore(value: 0)
        }

        var count: Int { counted.withLock { $0 } }

        @Sendable func sync() {
            counted.withLock { $0 += 1 }
            beginning.yield()
            isDone?.wait()
        }

        /// Returns when the next flush is under way. One caller at a time.
        func waitForSync() async { for await _ in began { return } }

        func finish() { isDone?.signal() }
    }

    private actor Inside {
        var count = 0
        var most = 0

        func enter() {
            count += 1
            most = max(most, count)
        }

        func leave() { count -= 1 }
    }
}
