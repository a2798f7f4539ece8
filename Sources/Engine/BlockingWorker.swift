internal import Glibc
internal import Linux
internal import Synchronization
internal import SystemPackage

/// One thread that does blocking work in the order it is given; sleeps while there is none.
final class BlockingWorker: Sendable {
    private let queue = Mutex<[@Sendable () -> Void]>([])
    /// Counts what is queued; the thread waits on it. A POSIX semaphore is made to be shared, hence unchecked.
    private nonisolated(unsafe) let available: UnsafeMutablePointer<sem_t>

    init(name: String) throws(Errno) {
        available = .allocate(capacity: 1)
        sem_init(available, 0, 0)
        // The thread lives as long as the process: there is one for each kind of work, all made at start.
        try DedicatedThread.start(name) { [self] in
            while true {
                guard sem_wait(available) == 0 else { continue }
                let next = queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                next?()
            }
        }
    }

    func submit(_ work: @escaping @Sendable () -> Void) {
        queue.withLock { $0.append(work) }
        sem_post(available)
    }
}
