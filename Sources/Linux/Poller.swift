internal import CLinux
public import SystemPackage

/// Tells which of many descriptors can be read. Source: epoll(7), level-triggered.
public struct Poller: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor

    /// The corresponding C function is `epoll_create1`.
    public init() throws(Errno) { descriptor = OwnedDescriptor(taking: try check(linux_epoll_create())) }

    /// Watches a descriptor; `wait` returns its token when it can be read, or is at its end.
    /// The corresponding C function is `epoll_ctl(EPOLL_CTL_ADD)`.
    public borrowing func add(_ watched: Int32, token: UInt64) throws(Errno) {
        try check(linux_epoll_add(descriptor.rawValue, watched, token))
    }

    /// Before the descriptor is closed, as long as other processes may have it open.
    public borrowing func remove(_ watched: Int32) {
        // It fails only for what is not watched.
        _ = linux_epoll_remove(descriptor.rawValue, watched)
    }

    /// Waits until something can be read. The corresponding C function is `epoll_wait`.
    ///
    /// - Returns: how many of `tokens` are filled.
    public borrowing func wait(_ tokens: inout [UInt64]) throws(Errno) -> Int {
        Int(try retrying { linux_epoll_wait(descriptor.rawValue, &tokens, Int32(tokens.count)) })
    }
}
