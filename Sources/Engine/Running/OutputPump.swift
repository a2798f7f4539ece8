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

    private let poller: Poller
    /// By the pipe's descriptor.
    private let streams = Mutex<[Int32: Stream]>([:])
    private static let most = 1 << 16

    init() throws(Errno) {
        poller = try Poller()
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
        do {
            try poller.add(number, token: UInt64(number))
        } catch {
            streams.withLock { $0[number] = nil }
            throw error
        }
    }

    private func listen() {
        var tokens = [UInt64](repeating: 0, count: 32)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.most, alignment: 16)
        while true {
            guard let count = try? poller.wait(&tokens) else { continue }
            for token in tokens.prefix(count) {
                let number = Int32(truncatingIfNeeded: token)
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
        poller.remove(number)
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
