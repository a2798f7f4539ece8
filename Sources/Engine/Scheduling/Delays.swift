internal import HeapModule
internal import Runs

/// Which runs wait for a time, and whose time is next: a pure value.
struct Delays {
    private struct Delayed: Comparable {
        let due: SuspendingClock.Instant
        let run: RunID

        static func < (left: Delayed, right: Delayed) -> Bool { (left.due, left.run) < (right.due, right.run) }
    }

    private var heap = Heap<Delayed>()
    /// One that was withdrawn is still in the heap, but no more in here.
    private var waiting: [RunID: SuspendingClock.Instant] = [:]

    /// How many wait.
    var count: Int { waiting.count }

    mutating func add(_ run: RunID, due: SuspendingClock.Instant) {
        heap.insert(Delayed(due: due, run: run))
        waiting[run] = due
    }

    /// Takes a run out; false if it does not wait.
    mutating func withdraw(_ run: RunID) -> Bool { waiting.removeValue(forKey: run) != nil }

    /// Takes out a run whose time has come, the earliest first; nil if there is none.
    mutating func next(at now: SuspendingClock.Instant) -> RunID? {
        while let first = heap.min, first.due <= now || waiting[first.run] != first.due {
            heap.removeMin()
            if waiting[first.run] == first.due {
                waiting[first.run] = nil
                return first.run
            }
        }
        return nil
    }

    /// When the next one's time comes.
    var firstDue: SuspendingClock.Instant? { heap.min?.due }
}
