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

    private let stdout: Completion<CapturedLog>
    private let stderr: Completion<CapturedLog>

    /// Makes the pipes and the log files, and begins to read.
    static func begin(
        result: ResultDirectory, scratch: Directory, limit: Int64, pump: OutputPump
    ) throws(Errno) -> (logs: RunLogs, writers: Writers) {
        let out = try Pipe()
        let err = try Pipe()
        let logs = RunLogs(
            stdout: try capture(out.reader, try result.makeLog(SpoolLayout.Result.stdout), limit, scratch, pump),
            stderr: try capture(err.reader, try result.makeLog(SpoolLayout.Result.stderr), limit, scratch, pump))
        return (logs, Writers(stdout: out.writer, stderr: err.writer))
    }

    /// Reads one pipe into its file, to its end.
    private static func capture(
        _ reader: SharedDescriptor, _ file: consuming OwnedDescriptor, _ limit: Int64, _ scratch: Directory,
        _ pump: OutputPump
    ) throws(Errno) -> Completion<CapturedLog> {
        let end = Completion<CapturedLog>()
        try pump.read(reader, into: LogSink(LogCapture(file: file, limit: limit, scratch: scratch)) { end.signal($0) })
        return end
    }

    private init(stdout: Completion<CapturedLog>, stderr: Completion<CapturedLog>) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// Returns when both pipes are at their end.
    func finished() async -> Output { Output(stdout: await stdout.value(), stderr: await stderr.value()) }
}
