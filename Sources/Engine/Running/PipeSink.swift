internal import Glibc
internal import Linux
internal import Spool
internal import SystemPackage

/// Where the bytes of one of a run's pipes go. Once the pump has it, only the pump's thread calls it.
protocol PipeSink: AnyObject, Sendable {
    /// Takes bytes in; if there is no room for them now, `hindrance` says so afterwards, and they are kept.
    func append(_ bytes: UnsafeRawBufferPointer)
    var hindrance: Errno? { get }
    /// Tries once more to write what there was no room for.
    func writePending()
    /// Waits for room no longer: what was written stays as it is.
    func giveUp()
    /// Completes the file, after the last byte. If the disk has no room for it, it may be called again.
    func finish() throws(Errno)
    /// Nothing follows.
    func end(_ failure: Errno?)
    /// How long its writer is to wait before more is read of it; nil: not at all.
    func pause() -> Duration?
}

/// What came through one of a run's output pipes.
struct CapturedLog: Sendable {
    let bytes: Int64
    let isTruncated: Bool
    /// Why the log is not whole, if the disk refused.
    let failure: Errno?
}

/// The log of standard output or error.
final class LogSink: PipeSink, @unchecked Sendable {
    private var capture: LogCapture
    private let done: @Sendable (CapturedLog) -> Void

    init(_ capture: consuming LogCapture, done: @escaping @Sendable (CapturedLog) -> Void) {
        self.capture = capture
        self.done = done
    }

    func append(_ bytes: UnsafeRawBufferPointer) { capture.append(bytes) }
    var hindrance: Errno? { capture.hindrance }
    func writePending() { capture.writePending() }
    func giveUp() { capture.giveUp() }
    func finish() throws(Errno) { try capture.finish() }
    func pause() -> Duration? { nil }

    func end(_ failure: Errno?) {
        done(CapturedLog(bytes: capture.total, isTruncated: capture.isTruncated, failure: failure))
    }
}
