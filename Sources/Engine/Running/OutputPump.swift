internal import Glibc
internal import Linux
internal import Spool
internal import Synchronization
internal import SystemPackage

/// What came through one of a run's output pipes.
struct CapturedLog: Sendable {
    let bytes: Int64
    let isTruncated: Bool
    /// Why the log is not whole, if the disk refused.
    let failure: Errno?
}

/// One thread that reads the output pipes of all runs and writes their logs; it sleeps while nobody writes.
final class OutputPump: Sendable {
    /// Touched by the pump's thread alone once it is listed; hence unchecked.
    private final class Stream: @unchecked Sendable {
        let pipe: SharedDescriptor
        var capture: LogCapture
        let done: @Sendable (CapturedLog) -> Void

        init(pipe: SharedDescriptor, capture: consuming LogCapture, done: @escaping @Sendable (CapturedLog) -> Void) {
            self.pipe = pipe
            self.capture = capture
            self.done = done
        }
    }

    private let poll: SharedDescriptor
    /// By the pipe's descriptor.
    private let streams = Mutex<[Int32: Stream]>([:])
    private static let most = 1 << 16

    init() throws(Errno) {
        let raw = epoll_create1(Int32(EPOLL_CLOEXEC.rawValue))
        if raw < 0 { throw Errno(rawValue: errno) }
        poll = SharedDescriptor(OwnedDescriptor(taking: raw))
        // The thread, and with it this object, lives as long as the process.
        try DedicatedThread.start("output") { [self] in listen() }
    }

    /// Reads a pipe to its end; `done` is called then, on the pump's thread.
    func capture(
        _ pipe: SharedDescriptor, to capture: consuming LogCapture, done: @escaping @Sendable (CapturedLog) -> Void
    ) throws(Errno) {
        let number = pipe.rawValue
        let stream = Stream(pipe: pipe, capture: capture, done: done)
        streams.withLock { $0[number] = stream }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = number
        if epoll_ctl(poll.rawValue, EPOLL_CTL_ADD, number, &event) != 0 {
            let error = Errno(rawValue: errno)
            streams.withLock { $0[number] = nil }
            throw error
        }
    }

    private func listen() {
        var events = [epoll_event](repeating: epoll_event(), count: 32)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.most, alignment: 16)
        while true {
            let count = epoll_wait(poll.rawValue, &events, Int32(events.count), -1)
            guard count > 0 else { continue }
            for event in events.prefix(Int(count)) {
                let number = event.data.fd
                guard let stream = streams.withLock({ $0[number] }) else { continue }
                read(stream, number, buffer)
            }
        }
    }

    /// One read a turn, so that a flood on one pipe does not keep the others waiting.
    private func read(_ stream: Stream, _ number: Int32, _ buffer: UnsafeMutableRawBufferPointer) {
        let length = Glibc.read(number, buffer.baseAddress, buffer.count)
        if length > 0 {
            stream.capture.append(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            return
        }
        if length < 0, errno == EAGAIN || errno == EINTR { return }
        epoll_ctl(poll.rawValue, EPOLL_CTL_DEL, number, nil)
        streams.withLock { $0[number] = nil }
        var failure: Errno?
        do {
            try stream.capture.finish()
        } catch {
            failure = error
        }
        stream.done(
            CapturedLog(bytes: stream.capture.total, isTruncated: stream.capture.isTruncated, failure: failure))
    }
}
