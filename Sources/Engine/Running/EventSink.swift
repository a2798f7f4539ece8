internal import Glibc
internal import Linux
internal import Runs
internal import Synchronization
internal import SystemPackage

/// Takes in what a script says while it runs: one JSON object a line. What is no event is counted and dropped; a flood makes its
/// writer wait, never the daemon.
final class EventSink: PipeSink, @unchecked Sendable {
    private let conversation: Conversation
    private let makeLog: @Sendable () throws(Errno) -> LogCapture
    private let leastLevel: Manifest.LogLevel
    private let done: @Sendable () -> Void
    /// Made with the first entry.
    private var log: LogCapture?
    private var failure: Errno?
    /// The beginning of a line whose end is still to come.
    private var line: [UInt8] = []
    /// Whether the line that is being read is too long to be one.
    private var isSkipping = false
    private var window = Window()

    /// With its newline.
    private static let longestLine = 65536

    /// What was read in a short time.
    private struct Window {
        var begun = SuspendingClock.now
        var bytes = 0
        static let length = Duration.milliseconds(200)
        static let mostBytes = 512 << 10
    }

    /// - Parameters:
    ///   - makeLog: makes log.jsonl.
    ///   - done: called when nothing follows.
    init(
        _ conversation: Conversation, from level: Manifest.LogLevel,
        makeLog: @escaping @Sendable () throws(Errno) -> LogCapture, done: @escaping @Sendable () -> Void
    ) {
        self.conversation = conversation
        self.makeLog = makeLog
        leastLevel = level
        self.done = done
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        window.bytes += bytes.count
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            take(rest[..<end])
            finishLine()
            rest = rest[(end + 1)...]
        }
        take(rest)
    }

    private func take(_ part: Slice<UnsafeRawBufferPointer>) {
        if isSkipping { return }
        if line.count + part.count >= Self.longestLine {
            isSkipping = true
            line = []
        } else {
            line.append(contentsOf: part)
        }
    }

    private func finishLine() {
        defer {
            line.removeAll(keepingCapacity: true)
            isSkipping = false
        }
        if line.isEmpty, !isSkipping { return }
        guard let event = isSkipping ? nil : RunEvent(line: line) else { return conversation.drop() }
        conversation.hear(event)
        if case .log(let level, let message) = event, level >= leastLevel { keep(level, message) }
    }

    private func keep(_ level: Manifest.LogLevel, _ message: String) {
        if failure != nil { return }
        if log == nil {
            do { log = try makeLog() } catch {
                failure = error
                return
            }
        }
        var entry = JSONWriter()
        entry.add("time", Timestamp.now().description)
        entry.add("level", level.rawValue)
        entry.add("message", message)
        Array((entry.finished() + "\n").utf8).withUnsafeBytes { bytes in
            // Those that come while the disk has no room wait with it, in order: nothing more is read.
            if log?.hindrance == nil { log?.append(bytes) } else { later.append(contentsOf: bytes) }
        }
    }

    /// Entries of the same read that come after one that there was no room for.
    private var later: [UInt8] = []

    var hindrance: Errno? { log?.hindrance }

    func writePending() {
        log?.writePending()
        if log?.hindrance != nil || later.isEmpty { return }
        let bytes = later
        later = []
        for entry in bytes.split(separator: 0x0A) {
            (Array(entry) + [0x0A]).withUnsafeBytes { bytes in
                if log?.hindrance == nil { log?.append(bytes) } else { later.append(contentsOf: bytes) }
            }
        }
    }

    func giveUp() {
        later = []
        log?.giveUp()
    }

    func finish() throws(Errno) {
        if !line.isEmpty || isSkipping { finishLine() }
        try log?.finish()
    }

    func end(_ failure: Errno?) {
        conversation.end(failure ?? self.failure)
        done()
    }

    func pause() -> Duration? {
        let now = SuspendingClock.now
        let passed = now - window.begun
        if window.bytes < Window.mostBytes {
            if passed >= Window.length { window = Window(begun: now) }
            return nil
        }
        window = Window(begun: now)
        return passed < Window.length ? Window.length - passed : nil
    }
}
