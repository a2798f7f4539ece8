internal import Synchronization

/// Something that happens once, and the one who waits for what it brings.
final class Completion<Value: Sendable>: Sendable {
    private enum State {
        case open(CheckedContinuation<Value, Never>?)
        case over(Value)
    }

    private let state = Mutex(State.open(nil))

    func signal(_ value: Value) {
        let waiting = state.withLock { state in
            defer { state = .over(value) }
            if case .open(let waiting) = state { return waiting }
            return nil
        }
        waiting?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value: Value? = state.withLock { state in
                if case .over(let value) = state { return value }
                state = .open(continuation)
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
