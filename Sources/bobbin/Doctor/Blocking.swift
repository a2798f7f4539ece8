import Dispatch
import Synchronization

/// Waits for something asynchronous, from the main thread, which is none of the cooperative pool's.
enum Blocking {
    static func wait<Value: Sendable>(for work: @escaping @Sendable () async -> Value) -> Value {
        let answer = Answer<Value>()
        // Nobody else awaits it: the semaphore below does.
        Task.detached { answer.set(await work()) }
        return answer.wait()
    }

    private final class Answer<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let isThere = DispatchSemaphore(value: 0)

        func set(_ new: Value) {
            value.withLock { $0 = new }
            isThere.signal()
        }

        func wait() -> Value {
            while true {
                isThere.wait()
                if let value = value.withLock({ $0 }) { return value }
            }
        }
    }
}
