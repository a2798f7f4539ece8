import Synchronization
import Testing

/// Lets only so many suites run at one time: tests that watch a run for some seconds must not be starved by thousands of others.
struct Turns: SuiteTrait, TestScoping {
    private struct State {
        var free = 2
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let state = Mutex(State())

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await withCheckedContinuation { continuation in
            let isFree = Self.state.withLock { state in
                if state.free == 0 {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
        defer {
            let next = Self.state.withLock { state -> CheckedContinuation<Void, Never>? in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.free += 1
                return nil
            }
            next?.resume()
        }
        try await function()
    }
}

extension Trait where Self == Turns {
    /// The suite waits for its turn.
    static var inTurn: Self { Self() }
}
