internal import Glibc
internal import Linux
internal import Synchronization
internal import SystemPackage

/// One thread that does blocking work in the order it is given; sleeps while there is none.
final class BlockingWorker: Sendable {
    private let queue = Mutex<[@Sendable () -> Void]>([])
    /// Counts what is queued; the thread waits on it.
    private let available: SharedDescriptor

    init(name: String) throws(Errno) {
        let raw = eventfd(0, Int32(EFD_CLOEXEC.rawValue | EFD_SEMAPHORE.rawValue))
        if raw < 0 { throw Errno(rawValue: errno) }
        available = SharedDescriptor(OwnedDescriptor(taking: raw))
        // The thread lives as long as the process: there is one for each kind of work, all made at start.
        try DedicatedThread.start(name) { [self] in
            while true {
                var count: UInt64 = 0
                guard Glibc.read(available.rawValue, &count, 8) == 8 else { continue }
                let next = queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                next?()
            }
        }
    }

    func submit(_ work: @escaping @Sendable () -> Void) {
        queue.withLock { $0.append(work) }
        var one: UInt64 = 1
        _ = Glibc.write(available.rawValue, &one, 8)
    }
}
