import Foundation
import Glibc
import Testing

/// Every state and file of the contract's tables.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings(slots: 4)), .needs("python3"))
struct ResultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let state: String
        let why: String
        let files: [String: String]
        var exitCode: String?
        var signal: String?
        /// What `reason` must speak of.
        var reason = ""
        var testDescription: String { "\(state): \(why)" }
    }

    static let cases = [
        Case(state: "succeeded", why: "exit code 0", files: ["main.sh": "exit 0"], exitCode: "0"),
        Case(state: "failed", why: "exit code 7", files: ["main.sh": "exit 7"], exitCode: "7", reason: "7"),
        Case(state: "failed", why: "exit code 255", files: ["main.sh": "exit 255"], exitCode: "255", reason: "255"),
        Case(state: "killed", why: "SIGKILL", files: ["main.sh": "kill -9 $$"], signal: "SIGKILL", reason: "SIGKILL"),
        Case(
            state: "killed", why: "SIGSEGV", files: ["main.sh": "kill -SEGV $$"], signal: "SIGSEGV", reason: "SIGSEGV"),
        Case(
            state: "timed_out", why: "over its timeout",
            files: ["manifest.yaml": "timeout: 300ms", "main.sh": "sleep 60"], signal: "SIGTERM", reason: "timeout"),
        Case(
            state: "limit_exceeded", why: "output",
            files: ["manifest.yaml": "limits: {output: 64KiB}", "main.sh": "head -c 100000 /dev/zero >big"],
            reason: "output"),
        Case(
            state: "limit_exceeded", why: "output_files",
            files: ["manifest.yaml": "limits: {output_files: 3}", "main.sh": "touch 1 2 3 4"], reason: "output_files"),
        Case(
            state: "limit_exceeded", why: "file_size",
            files: ["manifest.yaml": "limits: {file_size: 64KiB}", "main.sh": "exec head -c 100000 /dev/zero >big"],
            signal: "SIGXFSZ", reason: "file_size"),
        Case(
            state: "invalid_output", why: "a required output is missing",
            files: ["manifest.yaml": "outputs: [{path: a.csv, required: true}]", "main.sh": ":"], exitCode: "0",
            reason: "a.csv"),
        Case(
            state: "failed", why: "a required output is missing, and exit code 1 comes first",
            files: ["manifest.yaml": "outputs: [{path: a.csv, required: true}]", "main.sh": "exit 1"], exitCode: "1"),
        Case(
            state: "timed_out", why: "it comes before limit_exceeded",
            files: [
                "manifest.yaml": "timeout: 500ms\nlimits: {output_files: 3}", "main.sh": "touch 1 2 3 4; sleep 60",
            ], signal: "SIGTERM", reason: "timeout"),
        Case(
            state: "errored", why: "a program whose interpreter is not there",
            files: ["manifest.yaml": "runtime: executable\nentry: tool", "tool": "#!/no/such/interpreter\n"],
            reason: "tool"),
    ]

    @Test(arguments: cases) func aRunEndsInItsState(_ each: Case) async throws {
        let spool = try Daemon.shared.spool
        let name = "r\(abs(each.testDescription.hashValue))"
        try spool.move(try spool.makeDirectory(each.files, mode: 0o755), to: name)
        let result = try await spool.result(of: name)
        #expect(result.text("state") == each.state + "\n", "\(result)")
        #expect(result.text("exit_code") == each.exitCode.map { $0 + "\n" }, "\(result)")
        let status = result.status
        #expect(status["state"] as? String == each.state)
        #expect((status["exit_code"] as? Int).map(String.init) == each.exitCode)
        #expect(status["signal"] as? String == each.signal)
        #expect(each.reason.isEmpty || result.reason.contains(each.reason), "\(result)")
        #expect((status["reason"] == nil) == (each.state == "succeeded"))
        // Nothing else but the contract's files, and no null anywhere.
        var expected: Set<String> = ["state", "status.json", "stdout", "stderr", "manifest.json", "files"]
        if each.exitCode != nil { expected.insert("exit_code") }
        #expect(Set(result.entries).union(["files"]) == expected, "\(result.entries)")
        #expect(result.text("status.json")?.contains("null") == false)
    }

    @Test func aRejectedBundleComesBackAsItWasSent() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("bad", files: ["manifest.yaml": "timout: 1s\ntimeout: 0\n", "main.sh": ":", "sub/data": "1"])
        let result = try await spool.result(of: "bad")
        #expect(result.entries == ["sent", "state", "status.json", "stderr", "stdout"])
        #expect(result.text("sent/manifest.yaml") == "timout: 1s\ntimeout: 0\n" && result.text("sent/sub/data") == "1")
        #expect(result.errors.count == 2)
        #expect(result.errors.first?["line"] as? Int == 1 && result.errors.first?["column"] as? Int == 1)
        #expect(result.status["started_at"] == nil && result.status["wall_seconds"] == nil)
    }

    @Test func statusHasItsKeysInTheirOrder() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "keys",
            files: [
                "manifest.yaml": "title: A title\nlabels: {b: '1', a: '2'}\n",
                "main.sh": "ln -s /etc/passwd leaving; mkfifo pipe; exit 3",
            ])
        let result = try await spool.result(of: "keys")
        let text = try #require(result.text("status.json"))
        let keys = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("  \"") ? String(line.dropFirst(3).prefix { $0 != "\"" }) : nil
        }
        #expect(
            keys == [
                "run", "name", "queue", "state", "exit_code", "reason", "title", "owner", "labels", "attempt",
                "submitted_at",
                "started_at", "finished_at", "wait_seconds", "wall_seconds", "cpu_seconds", "max_rss_bytes",
                "stdout_bytes",
                "stderr_bytes", "truncated", "bundle_sha256", "runtime", "enforced", "dropped_files",
            ], "\(text)")
        let dropped = result.status["dropped_files"] as? [[String: String]] ?? []
        #expect(Set(dropped.compactMap { $0["path"] }) == ["leaving", "pipe"], "\(dropped)")
        #expect(!result.has("files/leaving") && !result.has("files/pipe"))
        for key in ["submitted_at", "started_at", "finished_at"] {
            let time = result.status[key] as? String ?? ""
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(key) \(time)")
        }
        let manifest = try #require(
            JSONSerialization.jsonObject(with: Data(result.bytes("manifest.json") ?? [])) as? [String: Any])
        for key in [
            "title", "labels", "runtime", "entry", "args", "env", "timeout", "stop_grace", "limits", "network",
            "priority", "retry",
        ] {
            #expect(manifest[key] != nil, "the applied manifest lacks \(key)")
        }
    }

    @Test func aScriptsOwnStateFilesAreOnlyFiles() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "forger",
            files: [
                "main.sh":
                    "for f in state exit_code status.json stdout manifest.json sent; do echo forged >$f; done; exit 4"
            ])
        let result = try await spool.result(of: "forger")
        #expect(result.state == "failed" && result.exitCode == "4" && result.stdout.isEmpty)
        #expect(result.text("files/state") == "forged\n" && !result.has("sent"))
    }

    /// A row of the history has everything that status.json has.
    @Test(.needs("sqlite3")) func aRowOfTheHistoryHasEveryKeyOfTheStatus() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "row",
            files: [
                "manifest.yaml": "title: T\nlabels: {k: v}\naccount: lab\npriority: 7",
                "main.sh": "echo out; mkfifo p; kill -9 $$",
            ])
        try spool.drop("row-bad", files: ["manifest.yaml": "nonsense: 1", "main.sh": ":"])
        try spool.drop("row-code", files: ["main.sh": "exit 9"])
        for name in ["row", "row-bad", "row-code"] {
            let result = try await spool.result(of: name)
            let row = try await eventually("\(name) is remembered") { () async throws -> [String: Any]? in
                let text = try await Command.check([
                    "sqlite3", "-cmd", ".timeout 5000", "-json", spool.path + "/history/history.sqlite",
                    "SELECT * FROM runs WHERE run = '\(result.run)'",
                ])
                return (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])?.first
            }
            for (key, value) in result.status { try Self.compare(key, value, row, result) }
            for (key, value) in row where !(value is NSNull) {
                let own = ["claim", "account", "priority", "manifest", "result_bytes", "bundle_bytes"]
                let known = own.contains(key) || result.status[key.replacing("_ms", with: "_at")] != nil
                #expect(known, "\(name): the row has \(key), the status does not")
            }
            if name != "row-bad" {
                let applied =
                    try JSONSerialization.jsonObject(with: Data((row["manifest"] as? String ?? "").utf8))
                    as? NSDictionary
                let shown =
                    try JSONSerialization.jsonObject(with: Data(result.bytes("manifest.json") ?? [])) as? NSDictionary
                #expect(applied == shown)
            }
            #expect(row["result_bytes"] as? Int ?? 0 > 0)
            if name == "row" { #expect(row["account"] as? String == "lab" && row["priority"] as? Int == 7) }
        }
    }

    private static func compare(_ key: String, _ value: Any, _ row: [String: Any], _ result: ResultDirectory) throws {
        if key.hasSuffix("_seconds") {
            // sqlite3 prints more digits than a millisecond has.
            let (stored, shown) = (row[key] as? Double ?? -1, value as? Double ?? -2)
            #expect((stored * 1000).rounded() == (shown * 1000).rounded(), "\(key): \(value) in \(result)")
        } else if let bool = row[key] as? Int, key == "truncated" {
            #expect((bool != 0) == (value as? Bool))
        } else if value is [String: Any] || value is [Any] {
            let text = row[key] as? String ?? ""
            let stored = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject
            #expect(stored == value as? NSObject, "\(key): \(text)")
        } else {
            #expect(row[key] as? NSObject == value as? NSObject, "\(key): \(value) is \(String(describing: row[key]))")
        }
    }
}
