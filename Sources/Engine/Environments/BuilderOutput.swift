internal import Glibc
internal import Linux
internal import Runs
internal import Synchronization
internal import SystemPackage

/// What a builder says: kept in memory, the first and the last of it, without what nobody is to see.
final class BuilderOutput: PipeSink, @unchecked Sendable {
    private struct State {
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var dropped = 0
        var line: [UInt8] = []
        var lastLine: String?
        var isOver = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private static let longestHead = 64 << 10
    private static let longestTail = 128 << 10
    private static let longestLine = 2048

    private let state = Mutex(State())
    private let secrets: [String]
    /// Something was said.
    let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(secrets: [String]) {
        self.secrets = secrets
        (changes, changed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            for byte in bytes {
                if byte == 0x0A || byte == 0x0D {
                    Self.finishLine(&state)
                } else if state.line.count < Self.longestLine {
                    state.line.append(byte)
                }
            }
            let room = Self.longestHead - state.head.count
            if room > 0 { state.head.append(contentsOf: bytes.prefix(room)) }
            if bytes.count > room { state.tail.append(contentsOf: bytes.dropFirst(max(0, room))) }
            let excess = state.tail.count - Self.longestTail
            // Not for every few bytes: moving the rest costs.
            if excess > Self.longestTail {
                state.tail.removeFirst(excess)
                state.dropped += excess
            }
        }
        changed.yield()
    }

    private static func finishLine(_ state: inout State) {
        let text = RunEvent.oneLine(escaped(state.line))
        state.line.removeAll(keepingCapacity: true)
        if text.contains(where: { !$0.isWhitespace }) { state.lastLine = text }
    }

    /// A builder begins to speak; it may be another than the one before, whose launcher died.
    func begin() { state.withLock { $0.isOver = false } }

    /// What it says at the moment.
    var lastLine: String? { state.withLock(\.lastLine).map(hiding) }

    /// All of it, as far as it is kept.
    var text: [UInt8] {
        let (head, tail, dropped) = state.withLock { ($0.head, $0.tail, $0.dropped) }
        let gap = dropped > 0 ? "\n[\(dropped) bytes are left out]\n" : ""
        let whole = String(decoding: head, as: UTF8.self) + gap + String(decoding: tail, as: UTF8.self)
        return Array(hiding(whole).utf8)
    }

    private func hiding(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "****") }
    }

    /// Returns when its writers are gone.
    func finished() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiting = continuation }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: PipeSink

    var hindrance: Errno? { nil }
    func writePending() {}
    func giveUp() {}
    func finish() throws(Errno) {}
    func pause() -> Duration? { nil }

    func end(_ failure: Errno?) {
        let waiting = state.withLock { state in
            if !state.line.isEmpty { Self.finishLine(&state) }
            state.isOver = true
            return state.waiting.take()
        }
        changed.finish()
        waiting?.resume()
    }
}
