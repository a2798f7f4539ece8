internal import CLinux
internal import Glibc
public import SystemPackage

/// A thread of its own for calls that block; the cooperative pool must never wait for the kernel.
public enum DedicatedThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread; it ends when `body` returns. The corresponding C function is `pthread_create`.
    ///
    /// All signals stay with the other threads. The name is cut to the kernel's 15 bytes. The stack costs address space, and memory
    /// only as far as it is used.
    public static func start(
        _ name: String, stackSize: Int = 512 << 10, _ body: @escaping @Sendable () -> Void
    ) throws(Errno) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        defer { pthread_attr_destroy(&attributes) }
        let box = Unmanaged.passRetained(
            Body {
                _ = linux_set_process_name(String(name.prefix(15)))
                body()
            })
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { pointer in
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        if result != 0 {
            box.release()
            throw Errno(rawValue: result)
        }
    }
}
