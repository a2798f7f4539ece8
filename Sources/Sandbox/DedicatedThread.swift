internal import CLinux
internal import Glibc

/// A thread for calls that block; Swift's own pool must not.
enum DedicatedThread {
    private final class Box {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that nobody joins. False if the system has none left.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Box(name, body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                let box = Unmanaged<Box>.fromOpaque(raw).takeRetainedValue()
                // Of this thread, despite the call's name; at most 15 bytes are taken.
                linux_set_process_name(box.name)
                box.body()
                return nil
            }, box.toOpaque())
        if result != 0 {
            box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
