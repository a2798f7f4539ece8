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
        /// Only its completion is to be done.
        var isAtEnd = false

        init(pipe: SharedDescriptor, capture: consuming LogCapture, done: @escaping @Sendable (CapturedLog) -> Void) {
            self.pipe = pipe
            self.capture = capture
            self.done = done
        }
    }

    private let poller: Poller
    private let hindrances: Hindrances
    /// By the pipe's descriptor.
    private let streams = Mutex<[Int32: Stream]>([:])
    /// A byte in it: those that had no room are tried again. And what is tried then.
    private let alarm: Pipe
    private let hindered = Mutex(Hindered())
    private static let most = 1 << 16
    private static let alarmToken = UInt64.max

    private struct Hindered {
        var numbers: Set<Int32> = []
        var isResting = false
        var backoff = Backoff()
    }

    init(hindrances: Hindrances) throws(Errno) {
        self.hindrances = hindrances
        poller = try Poller()
        alarm = try Pipe()
        try poller.add(alarm.reader.rawValue, token: Self.alarmToken)
        // The thread, and with it this object, lives as long as the process.
        try DedicatedThread.start("output") { [self] in listen() }
    }

    /// Reads a pipe to its end; `done` is called then, on the pump's thread.
    ///
    /// As long as the disk has no room for what was read, nothing more is: the script waits when its pipe is full.
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
                if token == Self.alarmToken {
                    _ = Glibc.read(alarm.reader.rawValue, buffer.baseAddress, buffer.count)
                    tryAgain()
                    continue
                }
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
            if let error = stream.capture.hindrance {
                poller.remove(number)
                wait(number, error)
            }
            return
        }
        if length < 0, errno == EAGAIN || errno == EINTR { return }
        poller.remove(number)
        finish(stream, number, mayWait: true)
    }

    private func finish(_ stream: Stream, _ number: Int32, mayWait: Bool) {
        var failure: Errno?
        do {
            try stream.capture.finish()
        } catch {
            if error.isScarcity, mayWait {
                stream.isAtEnd = true
                return wait(number, error)
            }
            failure = error
        }
        streams.withLock { $0[number] = nil }
        stream.done(
            CapturedLog(bytes: stream.capture.total, isTruncated: stream.capture.isTruncated, failure: failure))
    }

    // MARK: No room

    private func wait(_ number: Int32, _ error: Errno) {
        hindrances.begin(.logging, "writing the output of a script", error)
        let pause = hindered.withLock { hindered -> Duration? in
            hindered.numbers.insert(number)
            if hindered.isResting { return nil }
            hindered.isResting = true
            return hindered.backoff.step()
        }
        guard let pause else { return }
        // It ends by itself, or when the hindrances are stopped; it only writes a byte.
        Task { [hindrances, alarm] in
            _ = await hindrances.rest(pause)
            try? writeAll(alarm.writer.rawValue, [0])
        }
    }

    private func tryAgain() {
        let numbers = hindered.withLock { hindered in
            defer { hindered.numbers = [] }
            hindered.isResting = false
            return hindered.numbers
        }
        let mayWait = !hindrances.isStopping
        for number in numbers {
            guard let stream = streams.withLock({ $0[number] }) else { continue }
            stream.capture.writePending()
            if let error = stream.capture.hindrance {
                if mayWait { wait(number, error) } else { stream.capture.giveUp() }
            }
            if stream.capture.hindrance != nil { continue }
            if stream.isAtEnd {
                finish(stream, number, mayWait: mayWait)
            } else {
                do {
                    try poller.add(number, token: UInt64(number))
                } catch {
                    wait(number, error)
                }
            }
        }
        let isOver = hindered.withLock { hindered in
            guard hindered.numbers.isEmpty else { return false }
            hindered.backoff = Backoff()
            return true
        }
        if isOver { hindrances.end(.logging) }
    }
}
