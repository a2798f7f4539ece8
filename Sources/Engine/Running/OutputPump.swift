internal import Glibc
internal import Linux
internal import Spool
internal import Synchronization
internal import SystemPackage
internal import Threads

/// One thread that reads the pipes of all runs into their sinks; it sleeps while nobody writes.
final class OutputPump: Sendable {
    /// Touched by the pump's thread alone once it is listed; hence unchecked.
    private final class Stream: @unchecked Sendable {
        let pipe: SharedDescriptor
        let sink: any PipeSink
        /// Only its completion is to be done.
        var isAtEnd = false

        init(pipe: SharedDescriptor, sink: any PipeSink) {
            self.pipe = pipe
            self.sink = sink
        }
    }

    private let poller: Poller
    private let hindrances: Hindrances
    /// By the pipe's descriptor.
    private let streams = Mutex<[Int32: Stream]>([:])
    /// A byte in it: those that had no room are tried again, and those that had to wait are read again.
    private let alarm: Pipe
    private let waiting = Mutex<Set<Int32>>([])
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

    /// Reads a pipe to its end; the sink is told then, on the pump's thread.
    ///
    /// As long as the disk has no room for what was read, nothing more is: the script waits when its pipe is full.
    func read(_ pipe: SharedDescriptor, into sink: any PipeSink) throws(Errno) {
        let number = pipe.rawValue
        let stream = Stream(pipe: pipe, sink: sink)
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
                    readAgain()
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
            stream.sink.append(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            if let error = stream.sink.hindrance {
                poller.remove(number)
                wait(number, error)
            } else if let pause = stream.sink.pause() {
                poller.remove(number)
                rest(number, pause)
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
            try stream.sink.finish()
        } catch {
            if error.isScarcity, mayWait {
                stream.isAtEnd = true
                return wait(number, error)
            }
            failure = error
        }
        streams.withLock { $0[number] = nil }
        stream.sink.end(failure)
    }

    // MARK: Floods

    private func rest(_ number: Int32, _ pause: Duration) {
        _ = waiting.withLock { $0.insert(number) }
        // It ends by itself, and only writes a byte.
        Task { [alarm] in
            try? await Countdown.sleep(for: pause)
            try? writeAll(alarm.writer.rawValue, [0])
        }
    }

    /// One that has not waited for its whole pause is read a little early.
    private func readAgain() {
        let numbers = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for number in numbers where streams.withLock({ $0[number] }) != nil {
            do {
                try poller.add(number, token: UInt64(number))
            } catch {
                rest(number, .milliseconds(100))
            }
        }
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
            stream.sink.writePending()
            if let error = stream.sink.hindrance {
                if mayWait { wait(number, error) } else { stream.sink.giveUp() }
            }
            if stream.sink.hindrance != nil { continue }
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
