import Foundation
import History
import Runs

/// A directory of its own for one test, and the path of a history in it.
final class TemporaryHistory {
    let directory: URL
    var path: String { directory.appendingPathComponent("history.sqlite").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// The three files as a `kill -9` at this moment would leave them, in a directory of their own.
    func crashed(without suffix: String? = nil) throws -> TemporaryHistory {
        let copy = try TemporaryHistory()
        for kept in ["", "-wal", "-shm"] where kept != suffix {
            try FileManager.default.copyItem(atPath: path + kept, toPath: copy.path + kept)
        }
        return copy
    }
}

/// A record with every field filled, and one with as few as can be.
enum Sample {
    static func full(_ number: Int64 = 1, at time: Int64 = 1_790_000_000_123) throws -> HistoryRecord {
        var status = try minimal(number, at: time).status
        status.state = .invalidOutput
        status.exitCode = -1
        status.signal = "SIGKILL"
        status.reason = "It said \"no\", then\r\nstopped\u{0}."
        status.errors = [
            BundleError(
                code: "unknown_key", message: "unknown key 'timout'", file: "manifest.yaml", line: 4, column: 3),
            BundleError(code: "b", message: "\\ / \u{1F600} \u{2028} \u{7F}"),
        ]
        status.title = "=1+1, caf\u{e9} and cafe\u{301}\u{0}, \u{1F600}"
        status.labels = [
            Label(key: "z", value: "last first"), Label(key: "caf\u{e9}", value: "NFC"),
            Label(key: "cafe\u{301}", value: "NFD"), Label(key: "a\"\n", value: "\u{0}\u{1}"),
        ]
        status.attempt = 2
        status.startedAt = Timestamp(milliseconds: time + 5)
        status.finishedAt = Timestamp(milliseconds: time + 1005)
        status.waitMilliseconds = 5
        status.wallMilliseconds = 1000
        status.cpuMilliseconds = 77
        status.maxRSSBytes = .max
        status.stdoutBytes = 0
        status.stderrBytes = 5_000_000_000
        status.truncated = true
        status.bundleSHA256 = String(repeating: "0f", count: 32)
        status.runtime = "python"
        status.enforced = [Label(key: "seccomp", value: "filter"), Label(key: "memory", value: "rlimit")]
        status.droppedFiles = [DroppedFile(path: "a/\\xFF", kind: "fifo", reason: "not a regular file")]
        status.parentRun = id(number + 1_000_000, at: time - 1000)
        status.environment = RunEnvironment(
            key: String(repeating: "a1", count: 16), python: "3.11.2",
            packages: [Label(key: "numpy", value: "1.26.4"), Label(key: "pandas", value: "2.0")])
        status.report.progress = 425
        status.report.progressText = "caf\u{e9}"
        status.report.message = "the \"end\"\u{0}"
        status.report.rows = RunReport.Rows(total: 1000, failed: 3)
        status.report.checkpoint = #"{"id":7.0,"z":[null,true]}"#
        status.report.droppedEvents = 2
        status.result = "files/a b.csv"
        return HistoryRecord(
            status: status, account: "lab", claim: number, priority: 7, manifest: #"{"title": "x", "priority": 7}"#,
            resultBytes: 8192, bundleBytes: 0)
    }

    static func minimal(
        _ number: Int64 = 1, name: String = "report", queue: String = "default", state: RunState = .succeeded,
        owner: String = "ann", at time: Int64 = 1_790_000_000_123
    ) throws -> HistoryRecord {
        guard let name = BundleName(name), let queue = QueueName(queue) else { throw Wrong() }
        let status = RunStatus(
            run: id(number, at: time), name: name, queue: queue, state: state, owner: owner,
            submittedAt: Timestamp(milliseconds: time))
        return HistoryRecord(status: status, claim: number)
    }

    /// The same id for the same number and time.
    static func id(_ number: Int64, at time: Int64 = 1_790_000_000_123) -> RunID {
        var generator = Counter(number: UInt64(bitPattern: number))
        return RunID(at: Timestamp(milliseconds: time), using: &generator)
    }

    private struct Counter: RandomNumberGenerator {
        let number: UInt64
        mutating func next() -> UInt64 { number &* 0x9E37_79B9_7F4A_7C15 }
    }

    struct Wrong: Error {}
}
