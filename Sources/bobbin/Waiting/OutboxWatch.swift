import Glibc
import Linux

/// Wakes a waiting command when something appears in a queue's outbox.
///
/// A hint only: the directory can be replaced and the machine can be out of watches, so every wait is bounded and looks again.
struct OutboxWatch: ~Copyable {
    private let inotify: OwnedDescriptor
    let isWatching: Bool

    /// nil where the kernel has no more watches for this user.
    init?(_ outbox: Directory) {
        let raw = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if raw < 0 { return nil }
        inotify = OwnedDescriptor(taking: raw)
        isWatching = inotify_add_watch(raw, "/proc/self/fd/\(outbox.rawValue)", UInt32(IN_MOVED_TO)) >= 0
    }

    /// Returns when something appeared, or after that many milliseconds.
    func wait(atMost milliseconds: Int64) {
        var poll = pollfd(fd: inotify.rawValue, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, Int32(clamping: max(0, milliseconds))) > 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 8192)
        while read(inotify.rawValue, &buffer, buffer.count) > 0 {}
    }
}
