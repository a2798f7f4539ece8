internal import Linux
internal import SystemPackage

/// Waits for descriptors to become readable, and calls what was left for them. The launcher has one, and no threads.
final class EventLoop {
    private let poller: Poller
    private var handlers: [UInt64: () -> Void] = [:]
    private var lastToken: UInt64 = 0

    /// What `watch` returns and `forget` takes. Tokens are never used again, so a late event of a descriptor that was
    /// closed finds nobody.
    typealias Token = UInt64

    init() throws(Errno) { poller = try Poller() }

    func watch(_ descriptor: Int32, _ handler: @escaping () -> Void) throws(Errno) -> Token {
        lastToken += 1
        try poller.add(descriptor, token: lastToken)
        handlers[lastToken] = handler
        return lastToken
    }

    /// Before the descriptor is closed, as long as other processes may have it open.
    func forget(_ token: Token, _ descriptor: Int32) {
        handlers[token] = nil
        poller.remove(descriptor)
    }

    /// Waits once and handles what happened.
    func turn() throws(Errno) {
        var tokens = [Token](repeating: 0, count: 64)
        let count = try poller.wait(&tokens)
        for token in tokens[..<count] { handlers[token]?() }
    }
}
