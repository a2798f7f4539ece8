internal import Synchronization

/// Hints on their way to the one who looks, bounded whatever is done to the watched directories.
///
/// A hint that waits already is not added again: the look it asks for is yet to come. When too many different ones wait, all
/// of them give way to one `overflow`, as in the kernel's own queue.
public struct Hints: AsyncSequence, Sendable {
    private let queue: HintQueue

    init(_ queue: HintQueue) { self.queue = queue }

    public func makeAsyncIterator() -> Iterator { Iterator(queue) }

    /// One task may ask; `nil` after `Watcher.stop`, or when that task is cancelled.
    public struct Iterator: AsyncIteratorProtocol {
        private let queue: HintQueue
        private var signal: AsyncStream<Void>.Iterator
        /// What was taken from the queue, the next one last.
        private var taken: [Hint] = []

        fileprivate init(_ queue: HintQueue) {
            self.queue = queue
            signal = queue.signal.makeAsyncIterator()
        }

        public mutating func next() async -> Hint? {
            while taken.isEmpty {
                taken = queue.takeAll().reversed()
                if taken.isEmpty, await signal.next() == nil { return nil }
            }
            return taken.removeLast()
        }
    }
}

/// What `Hints` come from.
final class HintQueue: Sendable {
    /// As many as the kernel's queue holds by default.
    static let most = 16_384

    private struct State {
        var waiting: [Hint] = []
        var known: Set<Hint> = []
    }

    private let state = Mutex(State())
    let signal: AsyncStream<Void>
    private let signaller: AsyncStream<Void>.Continuation

    init() { (signal, signaller) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func add(_ hint: Hint) {
        let isNew = state.withLock { state in
            // Everything will be looked at anyway.
            if state.known.contains(.overflow) || !state.known.insert(hint).inserted { return false }
            if hint == .overflow || state.waiting.count >= Self.most {
                state.waiting = [.overflow]
                state.known = [.overflow]
            } else {
                state.waiting.append(hint)
            }
            return true
        }
        if isNew { signaller.yield() }
    }

    /// All that wait, in their order.
    func takeAll() -> [Hint] {
        state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
    }

    func finish() { signaller.finish() }
}
