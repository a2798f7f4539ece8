internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import Synchronization
internal import SystemPackage

/// What arrived for a request.
typealias Answer = (reply: Reply, descriptors: [SharedDescriptor])

/// All that is shared between the callers and the receiving thread: the present launcher's socket and who waits for
/// what.
///
/// A run is a request with two answers: the first by `started`, the last by `ended`. If the launcher dies in between,
/// its init's pidfd says when the run is over.
final class Connection: Sendable {
    struct Waiting {
        var answer: (@Sendable (Result<Answer, LauncherError>) -> Void)?
        /// Of runs: called once, when no process of the run is alive any more.
        var end: (@Sendable (Result<Answer, LauncherError>) -> Void)?
        var pidfd: SharedDescriptor?
    }

    struct State {
        var socket: MessageSocket?
        var lastNumber: UInt64 = 0
        var waiting: [UInt64: Waiting] = [:]
        /// Asked while no launcher was there; sent to the next one.
        var unsent: [(number: UInt64, bytes: [UInt8], descriptors: [SharedDescriptor])] = []
        var failure: LauncherError?
        var isClosed = false
    }

    let control: MessageSocket
    let state = Mutex(State())

    init(control: MessageSocket) { self.control = control }

    /// Whether nothing can be asked any more.
    var isGone: Bool { state.withLock { $0.isClosed } }

    // MARK: Asking

    /// A number for a request; 0 is the launcher's own.
    func nextNumber() -> UInt64 {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    /// Sends a request, or keeps it for the next launcher. `answer` is called exactly once, and so is `end` if given
    /// and the answer was `started`.
    func ask(
        _ request: Request, as number: UInt64, descriptors: [SharedDescriptor] = [],
        end: (@Sendable (Result<Answer, LauncherError>) -> Void)? = nil,
        answer: @escaping @Sendable (Result<Answer, LauncherError>) -> Void
    ) {
        let bytes = request.encoded(number: number)
        let (socket, refusal) = state.withLock { state -> (MessageSocket?, LauncherError?) in
            if let failure = state.failure { return (nil, failure) }
            if state.isClosed { return (nil, .unavailable("it has been stopped")) }
            state.waiting[number] = Waiting(answer: answer, end: end)
            if state.socket == nil { state.unsent.append((number, bytes, descriptors)) }
            return (state.socket, nil)
        }
        if let refusal {
            answer(.failure(refusal))
        } else if let socket {
            send(number, bytes, descriptors, on: socket)
        }
    }

    /// Not under the lock: it waits while the launcher's buffer is full, and the receiving thread must go on meanwhile,
    /// or both programs would wait for each other.
    private func send(_ number: UInt64, _ bytes: [UInt8], _ descriptors: [SharedDescriptor], on socket: MessageSocket) {
        do {
            try socket.send(bytes, descriptors: descriptors.map(\.rawValue))
        } catch {
            // The end of that launcher is on its way to the receiving thread, which then fails this with the rest.
            if error == .brokenPipe || error == .connectionReset { return }
            finish(number, .failure(.failed(subject: "send to the launcher", errno: error)))
        }
    }

    /// Sends an order that has no answer. To a launcher that is gone there is nothing to order.
    func tell(_ request: Request) {
        let socket = state.withLock { $0.socket }
        try? socket?.send(request.encoded(number: 0))
    }

    /// Ends keeper and launcher, and with them everything that runs.
    func close() {
        state.withLock { $0.isClosed = true }
        shutdown(control.rawValue, Int32(SHUT_RDWR))
    }

    // MARK: The receiving thread

    /// Waits for the first launcher to be ready, or to say why it cannot be. Before `receive`.
    func waitForFirst() throws(LauncherError) {
        do {
            guard let first = try control.receive(), let socket = connection(in: first) else {
                throw LauncherError.unavailable("it ended at once; its own message is above")
            }
            guard let hello = try socket.receive() else { throw LauncherError.unavailable("it died at once") }
            switch try? Reply.decode(hello.bytes) {
            case (_, .done)?: state.withLock { $0.socket = socket }
            case (_, .refused(let why))?: throw LauncherError.unavailable(why)
            default: throw LauncherError.protocol("hello")
            }
        } catch let error as LauncherError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private func connection(in message: Message) -> MessageSocket? {
        guard let descriptor = message.descriptors.first,
            let duplicate = try? check(fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 3))
        else { return nil }
        return MessageSocket(OwnedDescriptor(taking: duplicate))
    }

    /// Receives until the keeper is gone, and every run with it.
    func receive() {
        var orphans: [UInt64: SharedDescriptor] = [:]
        var isKept = true
        while isKept || !orphans.isEmpty {
            let socket = state.withLock { $0.socket }
            // The next launcher's connection only when the last one's has been read to its end. If keeper and launcher
            // both go, the launcher's end comes first here as well.
            var polled = [
                pollfd(fd: isKept && socket == nil ? control.rawValue : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            // Inits of launchers that died: their death, not the launcher's, is the end of their runs.
            let order = Array(orphans.keys)
            for number in order {
                polled.append(pollfd(fd: orphans[number]?.rawValue ?? -1, events: Int16(POLLIN), revents: 0))
            }
            if poll(&polled, nfds_t(polled.count), -1) < 0 { continue }
            for (index, number) in order.enumerated() where polled[index + 2].revents != 0 {
                orphans[number] = nil
                finish(number, .failure(.died))
            }
            if let socket, polled[1].revents != 0, !receiveAnswer(socket) { orphans.merge(lose()) { $1 } }
            if polled[0].revents != 0, !receiveConnection() {
                // Nothing can be asked any more; before the rest is failed, so that nothing is asked in between.
                state.withLock { $0.isClosed = true }
                orphans.merge(lose()) { $1 }
                isKept = false
            }
        }
    }

    /// Takes one message of the present launcher; false at its end.
    private func receiveAnswer(_ socket: MessageSocket) -> Bool {
        let message: Message
        do {
            guard let received = try socket.receive(wait: false) else { return false }
            message = received
        } catch {
            return error == .resourceTemporarilyUnavailable || error == .messageTooLong
        }
        guard let (number, reply) = try? Reply.decode(message.bytes) else { return false }
        switch reply {
        case .refused(let why) where number == 0:
            // It cannot work on this machine; the next one could not either.
            fail(.unavailable(why))
            return false
        case .ended: finish(number, .success((reply, message.descriptors)))
        case .started:
            let answer = state.withLock { state in
                let answer = state.waiting[number]?.answer
                state.waiting[number]?.answer = nil
                state.waiting[number]?.pidfd = message.descriptors.first
                return answer
            }
            answer?(.success((reply, message.descriptors)))
        default:
            let waiting = state.withLock { $0.waiting.removeValue(forKey: number) }
            waiting?.answer?(.success((reply, message.descriptors)))
        }
        return true
    }

    private func finish(_ number: UInt64, _ result: Result<Answer, LauncherError>) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: number) }
        waiting?.answer?(result)
        if waiting?.answer == nil { waiting?.end?(result) }
    }

    /// Everything asked of that launcher has failed, but for runs that had started: these are returned with their
    /// init's pidfd.
    private func lose() -> [UInt64: SharedDescriptor] {
        let (lost, orphans) = state.withLock { state in
            var lost: [UInt64] = []
            var orphans: [UInt64: SharedDescriptor] = [:]
            for (number, waiting) in state.waiting {
                if let pidfd = waiting.pidfd { orphans[number] = pidfd } else { lost.append(number) }
            }
            state.socket = nil
            state.unsent = []
            return (lost, orphans)
        }
        for number in lost { finish(number, .failure(.died)) }
        return orphans
    }

    /// Fails what waits for the launcher, and what will be asked until there is another one. Runs of earlier ones end
    /// by themselves.
    private func fail(_ error: LauncherError) {
        let numbers = state.withLock { state in
            state.failure = error
            return state.waiting.filter { $0.value.pidfd == nil }.keys
        }
        for number in numbers { finish(number, .failure(error)) }
    }

    /// Takes the connection to a new launcher from the keeper; false if the keeper is gone.
    private func receiveConnection() -> Bool {
        let message: Message
        do {
            guard let received = try control.receive(wait: false) else { return false }
            message = received
        } catch {
            return error.isScarcity || error == .messageTooLong
        }
        // Without a descriptor left for it the connection is lost, and with it that launcher: the keeper makes another.
        guard let socket = connection(in: message) else { return true }
        let unsent = state.withLock { state in
            state.socket = socket
            state.failure = nil
            defer { state.unsent = [] }
            return state.unsent
        }
        if unsent.isEmpty { return true }
        // This thread must read answers meanwhile.
        do {
            try DedicatedThread.start("launcher-resend") { [self] in
                for (number, bytes, descriptors) in unsent { send(number, bytes, descriptors, on: socket) }
            }
        } catch { for (number, _, _) in unsent { finish(number, .failure(.died)) } }
        return true
    }
}
