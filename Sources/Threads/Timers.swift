internal import HeapModule

/// What is to happen later, by its time; a pure value. Times are nanoseconds of the monotonic clock.
struct Timers<Payload> {
    /// Names a timer from before it is set until it is due or cancelled.
    typealias ID = UInt64

    private struct Entry: Comparable {
        let time: Int64
        let id: ID

        static func < (left: Entry, right: Entry) -> Bool { (left.time, left.id) < (right.time, right.id) }
    }

    /// May hold entries of cancelled timers, though never as the first.
    private var order = Heap<Entry>()
    private var payloads: [ID: Payload] = [:]
    private var lastID: ID = 0

    /// How many are set.
    var count: Int { payloads.count }
    /// How many are kept, cancelled ones among them.
    var size: Int { order.count }

    /// When the next one is due.
    var earliest: Int64? { order.min?.time }

    mutating func newID() -> ID {
        lastID += 1
        return lastID
    }

    mutating func set(_ id: ID, at time: Int64, _ payload: Payload) {
        payloads[id] = payload
        order.insert(Entry(time: time, id: id))
    }

    /// Takes a timer back; nil if it was due already, or never set.
    mutating func cancel(_ id: ID) -> Payload? {
        guard let payload = payloads.removeValue(forKey: id) else { return nil }
        forgetCancelled()
        return payload
    }

    /// Takes out the first that is due; those of one time in the order they got their ids.
    mutating func popDue(at now: Int64) -> Payload? {
        guard let first = order.min, first.time <= now, let payload = payloads.removeValue(forKey: first.id) else {
            return nil
        }
        forgetCancelled()
        return payload
    }

    /// A heap gives back only its first: the others go when they are most of it, which costs each cancellation a constant.
    private mutating func forgetCancelled() {
        if order.count > 2 * payloads.count + 64 {
            order.removeAll { payloads[$0.id] == nil }
        } else {
            while let first = order.min, payloads[first.id] == nil { order.removeMin() }
        }
    }
}
