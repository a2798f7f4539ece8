internal import CLinux
internal import Linux
internal import SystemPackage

/// Waits for descriptors to become readable, and calls what was left for them. The launcher has one, and no threads.
final class EventLoop {
    private let poller: OwnedDescriptor
    private var handlers: [UInt64: () -> Void] = [:]
    private var lastToken: UInt64 = 0

    /// What `watch` returns and `forget` takes. Tokens are never used again, so a late event of a descriptor that was closed
    /// finds nobody.
    typealias Token = UInt64

    init() throws(Errno) { poller = OwnedDescriptor(taking: try check(linux_epoll_create())) }

    /// The corresponding C function is `epoll_ctl(EPOLL_CTL_ADD)`.
    func watch(_ descriptor: Int32, _ handler: @escaping () -> Void) throws(Errno) -> Token {
        lastToken += 1
        try check(linux_epoll_add(poller.rawValue, descriptor, lastToken))
        handlers[lastToken] = handler
        return lastToken
    }

    /// Before the descriptor is closed, as long as other processes may have it open.
    func forget(_ token: Token, _ descriptor: Int32) {
        handlers[token] = nil
        // It fails only for what is not watched.
        _ = linux_epoll_remove(poller.rawValue, descriptor)
    }

    /// Waits once and handles what happened.
    func turn() throws(Errno) {
        var tokens = [Token](repeating: 0, count: 64)
        let count = try retrying { linux_epoll_wait(poller.rawValue, &tokens, Int32(tokens.count)) }
        for token in tokens[..<Int(count)] { handlers[token]?() }
    }
}
