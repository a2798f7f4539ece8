internal import Glibc
internal import Linux
internal import Spool
internal import Synchronization
internal import SystemPackage

/// A run's two output pipes and what came through them.
final class RunLogs: Sendable {
    /// What the script wrote, once both pipes are at their end.
    struct Output: Sendable {
        let stdout: CapturedLog
        let stderr: CapturedLog
    }

    /// The writing ends of the two pipes; the run's alone once the caller has let go of them.
    struct Writers: Sendable {
        let stdout: SharedDescriptor
        let stderr: SharedDescriptor
    }

    private let stdout: Capture
    private let stderr: Capture

    /// Makes the pipes and the log files, and begins to read.
    static func begin(
        result: ResultDirectory, scratch: Directory, limit: Int64, pump: OutputPump
    ) throws(Errno) -> (logs: RunLogs, writers: Writers) {
        let out = try Pipe()
        let err = try Pipe()
        let logs = RunLogs(
            stdout: try Capture(out.reader, try result.makeLog(SpoolLayout.Result.stdout), limit, scratch, pump),
            stderr: try Capture(err.reader, try result.makeLog(SpoolLayout.Result.stderr), limit, scratch, pump))
        return (logs, Writers(stdout: out.writer, stderr: err.writer))
    }

    private init(stdout: Capture, stderr: Capture) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// Returns when both pipes are at their end.
    func finished() async -> Output { Output(stdout: await stdout.value(), stderr: await stderr.value()) }
}

/// One pipe under capture, and whoever waits for its end.
private final class Capture: Sendable {
    private enum State {
        case reading(CheckedContinuation<CapturedLog, Never>?)
        case finished(CapturedLog)
    }

    private let state = Mutex(State.reading(nil))

    init(
        _ reader: SharedDescriptor, _ file: consuming OwnedDescriptor, _ limit: Int64, _ scratch: Directory,
        _ pump: OutputPump
    ) throws(Errno) {
        let capture = LogCapture(file: file, limit: limit, scratch: scratch)
        let sink = LogSink(capture) { [self] log in
            let waiting = state.withLock { state in
                defer { state = .finished(log) }
                if case .reading(let waiting) = state { return waiting }
                return nil
            }
            waiting?.resume(returning: log)
        }
        try pump.read(reader, into: sink)
    }

    func value() async -> CapturedLog {
        await withCheckedContinuation { continuation in
            let log: CapturedLog? = state.withLock { state in
                if case .finished(let log) = state { return log }
                state = .reading(continuation)
                return nil
            }
            if let log { continuation.resume(returning: log) }
        }
    }
}
