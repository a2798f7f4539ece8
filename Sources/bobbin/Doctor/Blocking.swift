import Dispatch
import Synchronization

/// Waits for something asynchronous, from the main thread, which is none of the cooperative pool's.
enum Blocking {
    /// nil if it takes longer: who asks what is wrong with a machine must get an answer.
    static func wait<Value: Sendable>(seconds: Int, for work: @escaping @Sendable () async -> Value) -> Value? {
        let answer = Answer<Value>()
        // Nobody else awaits it: the semaphore below does.
        Task.detached { answer.set(await work()) }
        return answer.wait(until: .now() + .seconds(seconds))
    }

    private final class Answer<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let isThere = DispatchSemaphore(value: 0)

        func set(_ new: Value) {
            value.withLock { $0 = new }
            isThere.signal()
        }

        func wait(until deadline: DispatchTime) -> Value? {
            isThere.wait(timeout: deadline) == .success ? value.withLock { $0 } : nil
        }
    }
}
