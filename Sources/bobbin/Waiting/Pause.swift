import Glibc

/// The time between two looks: short at first, a quarter of a second in the end.
struct Pause {
    private var milliseconds: Int64 = 20

    mutating func sleep() {
        usleep(UInt32(milliseconds * 1000))
        grow()
    }

    /// Ends early when something appears in the outbox or the deadline is there.
    mutating func sleep(_ watch: borrowing OutboxWatch?, until deadline: Int64?) {
        let left = deadline.map { max(1, $0 - MonotonicTime.now()) } ?? milliseconds
        let length = min(milliseconds, left)
        switch watch {
        case .some(let watch): watch.wait(atMost: length)
        case .none: usleep(UInt32(length * 1000))
        }
        grow()
    }

    private mutating func grow() { milliseconds = min(250, milliseconds * 3 / 2) }
}
