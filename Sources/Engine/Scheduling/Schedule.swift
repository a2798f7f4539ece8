internal import HeapModule
internal import Runs

/// Whose turn it is: a pure value, told what waits and asked what starts next.
///
/// Queues with startable work take strict turns; within a queue the lower priority number is first, then the order of claiming.
struct Schedule {
    private struct Waiting: Comparable {
        let priority: Int
        let sequence: Int64
        let run: RunID

        static func < (left: Waiting, right: Waiting) -> Bool {
            (left.priority, left.sequence) < (right.priority, right.sequence)
        }
    }

    private struct Queue {
        var waiting = Heap<Waiting>()
        var running = 0
    }

    private var queues: [QueueName: Queue] = [:]
    /// Waiting runs; one that was withdrawn is still in its heap but no more in here.
    private var waiting: [RunID: QueueName] = [:]
    /// Queue names in order, so that a turn is a step along it.
    private var order: [QueueName] = []
    private var lastServed: QueueName?

    /// How many wait.
    var waitingCount: Int { waiting.count }

    /// Whether nothing waits or runs.
    var isIdle: Bool { waiting.isEmpty && queues.values.allSatisfy { $0.running == 0 } }

    /// Whether a run waits in a queue that may run any.
    ///
    /// - Parameter limit: how many of a queue may run at a time; 0 while it is paused.
    func isAnyWaiting(limit: (QueueName) -> Int) -> Bool {
        !waiting.isEmpty && order.contains { queues[$0]?.waiting.isEmpty == false && limit($0) > 0 }
    }

    mutating func add(_ run: RunID, queue: QueueName, priority: Int, sequence: Int64) {
        if queues[queue] == nil {
            let place = order.firstIndex { queue < $0 } ?? order.endIndex
            order.insert(queue, at: place)
        }
        queues[queue, default: Queue()].waiting.insert(Waiting(priority: priority, sequence: sequence, run: run))
        waiting[run] = queue
    }

    /// Takes a waiting run out; false if it does not wait.
    mutating func withdraw(_ run: RunID) -> Bool { waiting.removeValue(forKey: run) != nil }

    /// The run that starts now, if one may; it counts as running from here on.
    ///
    /// - Parameter limit: how many of a queue may run at a time; 0 while it is paused.
    mutating func next(limit: (QueueName) -> Int) -> RunID? {
        let start = lastServed.flatMap { last in order.firstIndex { last < $0 } } ?? 0
        for offset in order.indices {
            let name = order[(start + offset) % order.count]
            guard let running = queues[name]?.running, running < limit(name) else { continue }
            while let first = queues[name]?.waiting.popMin() {
                guard waiting.removeValue(forKey: first.run) != nil else { continue }
                queues[name]?.running += 1
                lastServed = name
                return first.run
            }
        }
        return nil
    }

    /// A run that `next` gave has ended.
    mutating func ended(in queue: QueueName) {
        queues[queue]?.running -= 1
        forgetIfEmpty(queue)
    }

    private mutating func forgetIfEmpty(_ name: QueueName) {
        guard let queue = queues[name], queue.running == 0, queue.waiting.isEmpty else { return }
        queues[name] = nil
        order.removeAll { $0 == name }
    }
}
