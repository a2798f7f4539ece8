import Runs
import Testing

@Suite("status.json")
struct RunStatusTests {
    static func full() throws -> RunStatus {
        var status = RunStatus(
            run: try #require(RunID("01ARZ3NDEKTSV4RRFFQ69G5FAV")), name: try #require(BundleName("report")),
            queue: try #require(QueueName("default")), state: .failed, owner: "anna",
            submittedAt: Timestamp(milliseconds: 1_795_229_640_123))
        status.exitCode = 3
        status.signal = "SIGKILL"
        status.reason = "exit code 3"
        status.errors = [
            BundleError(
                code: "unknown_key", message: "unknown key 'timout'", file: "manifest.yaml", line: 4, column: 3),
            BundleError(code: "empty", message: "it is empty"),
        ]
        status.title = "A \"report\"\n/ 2"
        status.labels = [Label(key: "b", value: "1"), Label(key: "a", value: "2")]
        status.attempt = 1
        status.startedAt = Timestamp(milliseconds: 1_795_229_640_200)
        status.finishedAt = Timestamp(milliseconds: 1_795_229_641_000)
        status.waitMilliseconds = 77
        status.wallMilliseconds = 800
        status.cpuMilliseconds = 1
        status.maxRSSBytes = 4096
        status.stdoutBytes = 1 << 40
        status.stderrBytes = 0
        status.truncated = true
        status.bundleSHA256 = String(repeating: "0f", count: 32)
        status.runtime = "python"
        status.enforced = [
            Label(key: "seccomp", value: "kernel"), Label(key: "namespaces", value: "kernel"),
        ]
        status.droppedFiles = [DroppedFile(path: "a\\xff", kind: "fifo", reason: "not a file")]
        status.parentRun = RunID("01ARZ3NDEKTSV4RRFFQ69G5FAA")
        return status
    }

    static let golden = """
        {
          "run": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
          "name": "report",
          "queue": "default",
          "state": "failed",
          "exit_code": 3,
          "signal": "SIGKILL",
          "reason": "exit code 3",
          "errors": [
            {
              "code": "unknown_key",
              "message": "unknown key 'timout'",
              "file": "manifest.yaml",
              "line": 4,
              "column": 3
            },
            {
              "code": "empty",
              "message": "it is empty"
            }
          ],
          "title": "A \\"report\\"\\n/ 2",
          "owner": "anna",
          "labels": {
            "b": "1",
            "a": "2"
          },
          "attempt": 1,
          "submitted_at": "2026-11-21T02:54:00.123Z",
          "started_at": "2026-11-21T02:54:00.200Z",
          "finished_at": "2026-11-21T02:54:01.000Z",
          "wait_seconds": 0.077,
          "wall_seconds": 0.800,
          "cpu_seconds": 0.001,
          "max_rss_bytes": 4096,
          "stdout_bytes": 1099511627776,
          "stderr_bytes": 0,
          "truncated": true,
          "bundle_sha256": "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
          "runtime": "python",
          "enforced": {
            "seccomp": "kernel",
            "namespaces": "kernel"
          },
          "dropped_files": [
            {
              "path": "a\\\\xff",
              "kind": "fifo",
              "reason": "not a file"
            }
          ],
          "parent_run": "01ARZ3NDEKTSV4RRFFQ69G5FAA"
        }
        """

    @Test("All keys, in the contract's order")
    func golden() throws { #expect(try Self.full().json(pretty: true) == Self.golden) }

    @Test("What is not known is left out, never null")
    func sparse() throws {
        let status = RunStatus(
            run: try #require(RunID("01ARZ3NDEKTSV4RRFFQ69G5FAV")), name: try #require(BundleName("a")),
            queue: try #require(QueueName("q")), state: .queued, owner: "0", submittedAt: Timestamp(milliseconds: 0))
        #expect(
            status.json(pretty: false)
                == #"{"run":"01ARZ3NDEKTSV4RRFFQ69G5FAV","name":"a","queue":"q","state":"queued","owner":"0","#
                + #""submitted_at":"1970-01-01T00:00:00.000Z"}"#)
        #expect(RunStatus(json: Array(status.json(pretty: false).utf8)) == status)
    }

    @Test("What was written is read again, pretty or not")
    func roundTrip() throws {
        let status = try Self.full()
        for pretty in [true, false] { #expect(RunStatus(json: Array(status.json(pretty: pretty).utf8)) == status) }
    }

    @Test("Keys of a newer version are passed over")
    func newer() throws {
        let status = try Self.full()
        let text = "{\"new\": {\"x\": [1]}, " + status.json(pretty: false).dropFirst()
        #expect(RunStatus(json: Array(text.utf8)) == status)
    }

    @Test("Every prefix of a status is no status, and none crashes")
    func truncated() throws {
        let bytes = Array(try Self.full().json(pretty: true).utf8)
        for length in bytes.indices { #expect(RunStatus(json: Array(bytes[..<length])) == nil) }
    }

    // Users may edit a result: whatever they write there, reading it must not crash.
    @Test(
        "Numbers beyond all bounds do no harm",
        arguments: [
            "1e300", "-1e300", "9223372036854775807", "-9223372036854775808", "1e-300", "1e999", "null", "\"x\"", "{}",
        ])
    func numbers(value: String) throws {
        for key in [
            "wait_seconds", "wall_seconds", "cpu_seconds", "max_rss_bytes", "attempt", "exit_code", "stdout_bytes",
        ] {
            let text =
                #"{"run":"01ARZ3NDEKTSV4RRFFQ69G5FAV","name":"a","queue":"q","state":"queued","owner":"0","#
                + "\"submitted_at\":\"1970-01-01T00:00:00.000Z\",\"\(key)\":\(value)}"
            if let status = RunStatus(json: Array(text.utf8)) { #expect(!status.json(pretty: false).isEmpty) }
        }
    }

    @Test(
        "Anything else is no status",
        arguments: [
            "", "null", "[]", "{}", "{\"run\":", "\u{FEFF}", String(repeating: "[", count: 100_000),
            String(repeating: "{\"a\":", count: 100_000),
        ])
    func garbage(text: String) { #expect(RunStatus(json: Array(text.utf8)) == nil) }

    @Test("Errors read as a compiler's")
    func errors() {
        #expect(BundleError(code: "c", message: "m", file: "f", line: 4, column: 3).description == "f:4:3: m")
        #expect(BundleError(code: "c", message: "m", file: "f", line: 4).description == "f:4: m")
        #expect(BundleError(code: "c", message: "m", file: "f").description == "f: m")
        #expect(BundleError(code: "c", message: "m").description == "m")
    }

    @Test("The final states are the contract's, in its order")
    func states() {
        #expect(
            RunState.final.map(\.rawValue) == [
                "rejected", "invalid_input", "errored", "cancelled", "interrupted", "timed_out", "out_of_memory",
                "limit_exceeded", "killed", "failed", "invalid_output", "succeeded",
            ])
        #expect(RunState.allCases.filter { !$0.isFinal } == [.queued, .preparing, .running])
    }
}
