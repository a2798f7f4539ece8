import Foundation
import Synchronization
import Testing

@testable import Threads

/// The tasks here prefer a pool of the test's own: the process has another one, the test runner's.
@Suite("The pool of threads")
struct ThreadPoolTests {
    @Test("Every job is run, on the pool's threads", .timeLimit(.minutes(10)))
    func jobs() async throws {
        let pool = try ThreadPool(threads: 3, name: "jobs")
        let names = Gathered<String>()
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<20_000 {
                group.addTask(executorPreference: pool) {
                    names.add(PoolThreads.currentName)
                    await Task.yield()
                    return number
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 20_000 * 19_999 / 2)
        #expect(Set(names.all) == ["jobs"])
    }

    @Test("Sleepers wake in the order of their times, by either clock, none too early", .timeLimit(.minutes(10)))
    func sleeping() async throws {
        let pool = try ThreadPool(threads: 2, name: "sleepers")
        let woken = Gathered<Int>()
        await withTaskGroup(of: Void.self) { group in
            for number in (1...6).reversed() {
                group.addTask(executorPreference: pool) {
                    let begun = SuspendingClock.now
                    // So far apart that a busy machine does not bring them out of order.
                    let duration = Duration.milliseconds(200 * number)
                    switch number % 3 {
                    case 0: try? await Task.sleep(for: duration, clock: .suspending)
                    case 1: try? await Task.sleep(for: duration, clock: .continuous)
                    default: try? await Countdown.sleep(for: duration, on: pool)
                    }
                    #expect(SuspendingClock.now - begun >= duration)
                    woken.add(number)
                }
            }
        }
        #expect(woken.all == Array(1...6))
    }

    @Test("A cancelled sleeper goes on at once; a countdown leaves no timer behind", .timeLimit(.minutes(10)))
    func cancelling() async throws {
        let pool = try ThreadPool(threads: 2, name: "cancelled")
        let sleeper = Task(executorPreference: pool) { try await Task.sleep(for: .seconds(3600), clock: .suspending) }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        let left = pool.timerCount
        let countdowns = (0..<1000).map { _ in
            Task(executorPreference: pool) { try await Countdown.sleep(for: .seconds(3600), on: pool) }
        }
        for (number, countdown) in countdowns.enumerated() {
            // Some are cancelled before they begin, some while they wait.
            if number.isMultiple(of: 2) { await Task.yield() }
            countdown.cancel()
        }
        for countdown in countdowns { await #expect(throws: CancellationError.self) { try await countdown.value } }
        #expect(pool.timerCount == left)
    }

    @Test("A sleep of no time, of less and of all time", .timeLimit(.minutes(10)))
    func extremes() async throws {
        let pool = try ThreadPool(threads: 2, name: "extremes")
        try await Countdown.sleep(for: .zero, on: pool)
        try await Countdown.sleep(for: .seconds(-5), on: pool)
        let forever = Task { try await Countdown.sleep(for: .seconds(Int64.max), on: pool) }
        // On a busy machine it may begin later than these few milliseconds.
        while pool.timerCount == 0 { try await Countdown.sleep(for: .milliseconds(5), on: pool) }
        #expect(pool.timerCount == 1)
        forever.cancel()
        await #expect(throws: CancellationError.self) { try await forever.value }
    }

    @Test("Without work no thread wakes, whatever was cancelled before", .timeLimit(.minutes(10)))
    func stillness() async throws {
        let pool = try ThreadPool(threads: 3, name: "still")
        await withTaskGroup { group in
            for number in 0..<200 {
                group.addTask(executorPreference: pool) {
                    try? await Task.sleep(for: .milliseconds(number % 7), clock: .suspending)
                    let countdown = Task(executorPreference: pool) {
                        try await Countdown.sleep(for: .milliseconds(700), on: pool)
                    }
                    await Task.yield()
                    countdown.cancel()
                    _ = await countdown.result
                }
            }
        }
        // A thread that has begun to rest when the last task ended may be on its way still: a second look tells.
        var before = PoolThreads.switches("still")
        #expect(before.count == 3)
        var isStill = false
        for _ in 0..<20 where !isStill {
            try await Task.sleep(for: .seconds(1))
            let after = PoolThreads.switches("still")
            isStill = after == before
            before = after
        }
        #expect(isStill, "the threads of a pool without work keep waking")
    }
}

/// What several tasks have found, in its order.
private final class Gathered<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }

    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// What /proc says of this process's threads.
private enum PoolThreads {
    static var currentName: String {
        let text = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return (text ?? "").trimmingCharacters(in: .newlines)
    }

    /// How often each thread of a name was switched away from.
    static func switches(_ name: String) -> [String: [Substring]] {
        var found: [String: [Substring]] = [:]
        for thread in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? [] {
            let directory = "/proc/self/task/\(thread)"
            guard (try? String(contentsOfFile: "\(directory)/comm", encoding: .utf8)) == "\(name)\n",
                let status = try? String(contentsOfFile: "\(directory)/status", encoding: .utf8)
            else { continue }
            found[thread] = status.split(separator: "\n").filter { $0.contains("ctxt_switches") }
        }
        return found
    }
}
