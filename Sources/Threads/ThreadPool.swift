// The threads that run all of the daemon's tasks. Swift's own pool on Linux is libdispatch's, which cannot be still: the first
// job on a global queue arms a timer that counts the pool's runnable threads in /proc every second for as long as the process
// lives (`_dispatch_workq_monitor_pools`, src/event/workqueue.c), and ends the process if it cannot open one of those files.
// Here a thread without work waits in the kernel for a semaphore of its own, and nothing else happens.
//
// Every thread takes what is due first, then the oldest job, else it rests. One of those that rest, the timekeeper, rests no
// longer than until the next timer; it is the last to be woken for a job. The others are woken last come, first served: their
// stacks and caches are warm. A wake-up too many does no harm, and none is lost: whoever adds work takes a resting thread off
// the list under the lock and posts its semaphore, and a thread puts itself on the list only when, under that lock, there is
// nothing to do.
//
// `Task.sleep` never takes its timer back: cancelled, the sleeper goes on at once, but the timer stays until it is due. For
// what is nearly always cancelled, the timeout of a run most of all, there is `Countdown`.

@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) internal import _Concurrency
internal import CLinux
internal import DequeModule
internal import Glibc
internal import Linux
internal import Synchronization
internal import SystemPackage

/// A fixed number of threads that run jobs in the order they come, whatever their priority, and sleep while there are none.
///
/// It lives as long as the process.
final class ThreadPool: TaskExecutor, SchedulingExecutor {
    /// What a timer does when it is due.
    enum Due: Sendable {
        /// A job becomes one of those to be run.
        case job(UnownedJob)
        /// Whoever counts down is told that the time is over (true) or that it was cancelled.
        case countdown(CheckedContinuation<Bool, Never>)
    }

    private enum Step {
        case run(UnownedJob)
        case tell(CheckedContinuation<Bool, Never>)
        /// Rest until woken or until a time, having woken another thread.
        case rest(until: Int64?, waking: Int?)
    }

    private struct State {
        var jobs = Deque<UnownedJob>()
        var timers = Timers<Due>()
        /// The threads that rest without end, the last one last.
        var resting: [Int] = []
        var timekeeper: (thread: Int, until: Int64)?
    }

    private let state = Mutex(State())
    /// One for each thread, which waits on it. A POSIX semaphore is made to be shared, hence unchecked.
    private nonisolated(unsafe) let semaphores: UnsafeMutablePointer<sem_t>

    init(threads: Int, name: String = "pool") throws(Errno) {
        semaphores = .allocate(capacity: threads)
        for thread in 0..<threads { sem_init(semaphores + thread, 0, 0) }
        for thread in 0..<threads {
            // What runs on it may recurse as deep as on any thread that the C library makes.
            try DedicatedThread.start(name, stackSize: 8 << 20) { [self] in work(thread) }
        }
    }

    // MARK: What comes in

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        wake(
            state.withLock { state in
                state.jobs.append(job)
                return Self.takeResting(&state)
            })
    }

    func enqueue<C: Clock>(
        _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
    ) {
        // The library's two clocks come here, both of them with a `Duration`; another clock sleeps by its own means. Time that
        // the machine is suspended counts for neither: a daemon's timers are for while it runs.
        let delay = delay as? Duration ?? .zero
        let job = UnownedJob(job)
        set(state.withLock { $0.timers.newID() }, after: delay, .job(job))
    }

    func newTimer() -> Timers<Due>.ID { state.withLock { $0.timers.newID() } }

    func set(_ timer: Timers<Due>.ID, after delay: Duration, _ due: Due) {
        let time = Self.now().addingReportingOverflow(delay.nanoseconds)
        let deadline = time.overflow ? .max : time.partialValue
        wake(
            state.withLock { state in
                state.timers.set(timer, at: deadline, due)
                // Whoever keeps the time must learn of an earlier one; where nobody does, one of the resting begins.
                guard state.timers.earliest == deadline else { return nil }
                guard let timekeeper = state.timekeeper else { return state.resting.popLast() }
                if timekeeper.until <= deadline { return nil }
                state.timekeeper = nil
                return timekeeper.thread
            })
    }

    /// Takes a timer back; nil if it was due already. A timekeeper that waits for it is told when a thread has nothing else to do.
    func cancel(_ timer: Timers<Due>.ID) -> Due? { state.withLock { $0.timers.cancel(timer) } }

    var timerCount: Int { state.withLock { $0.timers.count } }

    // MARK: The threads

    private func work(_ thread: Int) {
        while true {
            switch state.withLock({ Self.next(&$0, for: thread) }) {
            case .run(let job): job.runSynchronously(on: .generic)
            case .tell(let continuation): continuation.resume(returning: true)
            case .rest(let time, let other):
                wake(other)
                rest(thread, until: time)
            }
        }
    }

    private static func next(_ state: inout State, for thread: Int) -> Step {
        // It may have woken by itself.
        if state.timekeeper?.thread == thread { state.timekeeper = nil }
        state.resting.removeAll { $0 == thread }
        if state.timers.earliest != nil, let due = state.timers.popDue(at: now()) {
            switch due {
            case .job(let job): return .run(job)
            case .countdown(let continuation): return .tell(continuation)
            }
        }
        if let job = state.jobs.popFirst() { return .run(job) }
        let earliest = state.timers.earliest
        if state.timekeeper == nil, let earliest {
            state.timekeeper = (thread, earliest)
            return .rest(until: earliest, waking: nil)
        }
        var other: Int?
        // It waits for a timer that was cancelled, and would wake for nothing then.
        if let timekeeper = state.timekeeper, timekeeper.until < earliest ?? .max {
            other = timekeeper.thread
            state.timekeeper = nil
        }
        state.resting.append(thread)
        return .rest(until: nil, waking: other)
    }

    private static func takeResting(_ state: inout State) -> Int? {
        if let thread = state.resting.popLast() { return thread }
        defer { state.timekeeper = nil }
        return state.timekeeper?.thread
    }

    private func wake(_ thread: Int?) {
        if let thread { sem_post(semaphores + thread) }
    }

    /// Returns when woken, when the time has come, or for nothing.
    private func rest(_ thread: Int, until time: Int64?) {
        guard let time else {
            sem_wait(semaphores + thread)
            return
        }
        var deadline = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        _ = linux_sem_wait_until(semaphores + thread, &deadline)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension UnownedSerialExecutor {
    /// No executor in particular: jobs run on it as they do on the library's own pool, and need not come back to the pool's queue
    /// for a step that may run anywhere. Source: `swift_executor_generic` in the toolchain's include/swift/ExecutorImpl.h.
    fileprivate static let generic = unsafeBitCast(
        (identity: nil as UnsafeRawPointer?, implementation: UInt(0)), to: UnownedSerialExecutor.self)
}

extension Duration {
    /// Whole nanoseconds, rounded up; at most what 292 years have.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, isTooMuch) = whole.addingReportingOverflow((attoseconds + 999_999_999) / 1_000_000_000)
        return isTooMuch ? .max : sum
    }
}
