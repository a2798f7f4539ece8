@testable import Bundles
import Runs
import Testing

@Suite struct ManifestTests {
    @Test func defaults() throws {
        let manifest = try manifest("")
        var expected = Manifest(title: "report", runtime: "python", entry: "main.py", timeout: 900_000)
        expected.stopGrace = 10_000
        #expect(manifest == expected)
    }

    @Test func everyKey() throws {
        let text = """
            title: Monthly
            description: "two\\nlines"
            labels: {team: a, year: 2024, none: }
            account: data
            runtime: bash
            entry: ./bin//run.sh
            args: [1.50, yes, "a b", ~]
            env: {A: 010, _b: "x=y"}
            input: {z: 1.50, a: [010, 0x1F, .5, 1., true, yes, null, 1e999, 123456789012345678901234567890]}
            timeout: 1h30m
            stop_grace: 5
            limits: {memory: 2GiB, cpus: 1.5, processes: 10, open_files: 20, file_size: 1MB, output: 1.5KiB, output_files: 3, log: 1000, tmp: 1KiB}
            network: none
            priority: 1
            retry: {attempts: 5, wait: 500ms, factor: 1.5, max_wait: 1h, on: [failed, killed]}
            outputs: [a.csv, {path: "out/**", required: true}]
            """
        let judgement = try judge([("manifest.yaml", text), ("bin/run.sh", "")])
        let manifest = try #require(judgement.manifest, "\(judgement.messages)")
        #expect(manifest.entry == "bin/run.sh")
        #expect(
            manifest.labels == [
                Label(key: "team", value: "a"), Label(key: "year", value: "2024"), Label(key: "none", value: ""),
            ])
        #expect(manifest.args == ["1.50", "yes", "a b", "~"])
        #expect(manifest.env == [Label(key: "A", value: "010"), Label(key: "_b", value: "x=y")])
        #expect(
            manifest.input
                == .json("{\"z\":1.50,\"a\":[10,31,0.5,1.0,true,\"yes\",null,1e999,123456789012345678901234567890]}"))
        #expect(manifest.timeout == 5_400_000 && manifest.stopGrace == 5000)
        #expect(
            manifest.limits.millicpus == 1500 && manifest.limits.output == 1536 && manifest.limits.fileSize == 1_000_000
        )
        #expect(manifest.retry?.wait == 500 && manifest.retry?.factorThousandths == 1500)
        #expect(manifest.retry?.on == [.failed, .killed])
        #expect(manifest.outputs == [.init(path: "a.csv", required: false), .init(path: "out/**", required: true)])
        #expect(try Manifest.reading(applied: Array(manifest.json().utf8)).get() == manifest)
    }

    @Test(arguments: [
        ("timout: 1m", "1:1: unknown key 'timout'; did you mean 'timeout'?"),
        ("limits: {memry: 1}", "1:10: unknown key 'memry' in 'limits'; did you mean 'memory'?"),
        ("\u{1B}[31m: 1", "1:1: control characters are not allowed"),
        ("\"\\e[31m\": 1", "1:1: unknown key '\\x1b[31m'"),
        ("call: f", "1:7: 'call' must be one of script, main, statement; this is 'f'"),
        ("[1]", "1:1: 'the file' must be a mapping of keys; this is a list"),
        ("title: 2024", "1:8: 'title' must be a text; this is 2024; put it in quotes"),
        ("title: \"\"", "1:8: 'title' is empty; leave it out for the default"),
        (
            "timeout:",
            "1:9: 'timeout' must be a duration as 90s, 15m or 1h30m; it has no value; leave it out for the default"
        ),
        ("timeout: 0", "1:10: 'timeout' must be more than zero; this is 0"),
        ("timeout: -5s", "1:10: 'timeout' must be more than zero; this is '-5s'"),
        ("timeout: .nan", "1:10: 'timeout' must be a duration as 90s, 15m or 1h30m; this is .nan"),
        ("timeout: .inf", "1:10: 'timeout' must be a duration as 90s, 15m or 1h30m; this is .inf"),
        ("timeout: 1e999", "1:10: 'timeout' must be a duration as 90s, 15m or 1h30m; this is 1e999"),
        (
            "timeout: 9223372036854775808",
            "1:10: 'timeout' is 9223372036854775808; at most 1d is allowed in queue 'default'"
        ),
        ("timeout: 12:30", "1:10: 'timeout' must be a duration as 90s, 15m or 1h30m; this is 12:30"),
        ("timeout: 30m1h", "1:10: 'timeout' must be a duration as 90s, 15m or 1h30m; this is 30m1h"),
        ("timeout: 48h", "1:10: 'timeout' is 48h; at most 1d is allowed in queue 'default'"),
        ("timeout: 0.5ms", "1:10: 'timeout' must be a multiple of 1ms; this is '0.5ms'"),
        ("stop_grace: 6m", "1:13: 'stop_grace' is 6m; at most 5m is allowed"),
        ("limits: {memory: 64Mb}", "1:18: 'memory' must be a size as 512KiB, 64MiB or 1GB; this is 64Mb"),
        ("limits: {memory: 9GiB}", "1:18: 'memory' is 9GiB; at most 4GiB is allowed in queue 'default'"),
        ("limits: {cpus: 4.5}", "1:16: 'cpus' is 4.5; at most 4 is allowed in queue 'default'"),
        ("limits: {cpus: 0.0001}", "1:16: 'cpus' must be a multiple of 0.001; this is 0.0001"),
        ("limits: {processes: 1.5}", "1:21: 'processes' must be a whole number; this is 1.5"),
        ("limits: {processes: -1}", "1:21: 'processes' must be more than zero; this is -1"),
        (
            "limits: {processes: 9223372036854775808}",
            "1:21: 'processes' is 9223372036854775808; at most 256 is allowed in queue 'default'"
        ),
        ("priority: 100", "1:11: 'priority' is 100; at most 99 is allowed"),
        ("priority: \"5\"", "1:11: 'priority' must be a whole number; this is '5'; leave the quotes out"),
        ("network: hots", "1:10: 'network' must be one of none, host; this is 'hots'; did you mean 'host'?"),
        ("network: host", "1:10: network 'host' is not allowed in queue 'default'"),
        (
            "runtime: pyton",
            "1:10: 'runtime' must be one of python, r, node, sh, bash, perl, ruby, executable; this is 'pyton'; did you mean 'python'?"
        ),
        ("entry: ../x", "1:8: 'entry' '../x' must not have '..' in it"),
        ("entry: /bin/sh", "1:8: 'entry' '/bin/sh' must be relative to the bundle's root"),
        ("entry: a/", "1:8: 'entry' 'a/' must not end in '/'"),
        ("entry: \"a\\0b\"", "1:8: 'entry' 'a\\x00b' has a NUL in it"),
        ("entry: gone.py", "1:8: 'entry' 'gone.py' is not in the bundle"),
        ("entry: main.py/x", "1:8: 'entry' 'main.py/x' is not in the bundle"),
        ("input: {file: gone.csv}", "1:15: 'input' 'gone.csv' is not in the bundle"),
        ("input: [.nan]", "1:9: '.nan' has no place in JSON; put it in quotes to pass it as a text"),
        ("args: x", "1:7: 'args' must be a list; this is x"),
        ("args: [[1]]", "1:8: 'args' must be a text; this is a list"),
        ("args: [\"\\0\"]", "1:8: an argument cannot hold a NUL"),
        ("env: {1a: x}", "1:7: '1a' is no name of a variable: letters, digits and '_', no digit first"),
        ("env: {BOBBIN_RUN: x}", "1:7: 'BOBBIN_RUN' cannot be set: names that begin with BOBBIN_ are Bobbin's own"),
        ("env: {\"A=B\": x}", "1:7: 'A=B' is no name of a variable: letters, digits and '_', no digit first"),
        (
            "retry: {on: [succeeded]}",
            "1:14: 'on' must be one of errored, interrupted, timed_out, out_of_memory, limit_exceeded, killed, failed, invalid_output; this is 'succeeded'"
        ),
        ("retry: {factor: 0.5}", "1:17: 'factor' must be at least 1; this is 0.5"),
        ("retry:", "1:7: 'retry' must be a mapping; it has no value; leave it out for the default"),
        ("outputs: [../x]", "1:11: 'outputs' '../x' must not have '..' in it"),
        ("outputs: [{required: true}]", "1:11: an output needs a 'path'"),
        ("outputs: [{path: a, required: yes}]", "1:31: 'required' must be true or false; this is yes"),
    ])
    func oneError(_ text: String, _ expected: String) throws {
        #expect(try errors(text).first == "manifest.yaml:" + expected)
    }

    @Test func everyErrorAtOnce() throws {
        let text = """
            title: 1
            timout: 5
            timout: 6
            limits:
              cpus: 0
              foo: 1
            env: {"1": a}
            entry: ../x
            """
        #expect(
            try errors(text) == [
                "manifest.yaml:1:8: 'title' must be a text; this is 1; put it in quotes",
                "manifest.yaml:2:1: unknown key 'timout'; did you mean 'timeout'?",
                "manifest.yaml:3:1: repeated key 'timout', first on line 2",
                "manifest.yaml:5:9: 'cpus' must be more than zero; this is 0",
                "manifest.yaml:6:3: unknown key 'foo' in 'limits'",
                "manifest.yaml:7:7: '1' is no name of a variable: letters, digits and '_', no digit first",
                "manifest.yaml:8:8: 'entry' '../x' must not have '..' in it",
            ])
        #expect(try errors(text + "\n[").count == 1)
        let many = (0..<20_000).map { "k\($0): 1\n" }.joined()
        let shown = try errors(many)
        #expect(shown.count == 101)
        #expect(shown.last == "manifest.yaml: 19900 more errors are not shown")
    }

    @Test func longArguments() throws {
        let fits = String(repeating: "x", count: 131_071)
        #expect(try manifest("args: [\"\(fits)\"]").args == [fits])
        #expect(
            try errors("args: [\"\(fits)x\"]") == [
                "manifest.yaml:1:8: an argument is 131072 bytes; at most 131071 can be passed: use 'input'"
            ])
        #expect(
            try errors("env: {A: \"\(fits.dropLast())\"}") == [
                "manifest.yaml:1:10: a variable is 131072 bytes; at most 131071 can be passed: use 'input'"
            ])
        #expect(try manifest("env: {A: \"\(fits.dropLast(2))\"}").env.count == 1)
    }

    @Test func queueRules() throws {
        var queue = QueueSettings()
        queue.maxLimits.memory = 512 << 20
        queue.timeout = 60_000
        queue.maxTimeout = 120_000
        queue.runtimes = ["bash", "r"]
        #expect(
            try errors("timeout: 3m", queue: queue) == [
                "manifest.yaml:1:10: 'timeout' is 3m; at most 2m is allowed in queue 'default'",
                "main.py: runtime 'python' is not allowed in queue 'default'; allowed: bash, r",
            ])
        #expect(
            try errors("runtime: python", queue: queue) == [
                "manifest.yaml:1:10: runtime 'python' is not allowed in queue 'default'; allowed: bash, r"
            ])
        queue.runtimes = nil
        queue.network = [.none, .host]
        let manifest = try manifest("network: host", queue: queue)
        #expect(manifest.limits.memory == 512 << 20 && manifest.timeout == 60_000 && manifest.network == .host)
    }

    @Test func json() throws {
        #expect(
            try errors("{\"timout\": 1}", file: "manifest.json") == [
                "manifest.json:1:2: unknown key 'timout'; did you mean 'timeout'?"
            ])
        #expect(
            try errors("{\"timeout\": 1,}", file: "manifest.json") == [
                "manifest.json:1:15: a key in double quotes is wanted here"
            ])
        #expect(try judge([("manifest.json", "{\"priority\": 7}"), ("main.py", "")]).manifest?.priority == 7)
        #expect(try errors("", file: "manifest.json").count == 1)
    }

    @Test func override() throws {
        let files = [("manifest.yaml", "input: 1"), ("main.py", ""), ("d.csv", "")]
        #expect(
            try judge(files, input: "{\"b\": 1.0, \"a\": \"\\ud83d\\ude00\"}").manifest?.input
                == .json("{\"b\":1.0,\"a\":\"😀\"}"))
        #expect(try judge(files, input: "{\"file\": \"d.csv\"}").manifest?.input == .file("d.csv"))
        #expect(try judge(files, input: "{\"file\": \"e.csv\"}").messages == ["input 'e.csv' is not in the bundle"])
        #expect(try judge(files, input: "{").messages == ["--input:1:2: a key in double quotes is wanted here"])
        #expect(try judge(files).manifest?.input == .json("1"))
        #expect(try judge([("manifest.yaml", "input: null"), ("main.py", "")]).manifest?.input == .json("null"))
        #expect(
            try judge([("manifest.yaml", "input: {file: d.csv, x: 1}"), ("main.py", "")]).manifest?.input
                == .json("{\"file\":\"d.csv\",\"x\":1}"))
    }

    @Test func deepestInputComesBack() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        let manifest = try #require(try judge([("main.py", "")], input: deep).manifest)
        #expect(try Manifest.reading(applied: Array(manifest.json().utf8)).get() == manifest)
        #expect(try judge([("main.py", "")], input: "[\(deep)]").codes == ["too_deep"])
    }

    @Test func goldenManifestJSON() throws {
        let manifest = try manifest("args: [a]\nlimits: {cpus: 0.5}")
        #expect(
            manifest.json() == """
                {
                  "title": "report",
                  "labels": {},
                  "runtime": "python",
                  "entry": "main.py",
                  "args": [
                    "a"
                  ],
                  "env": {},
                  "call": "script",
                  "result": {
                    "format": "json"
                  },
                  "log_level": "info",
                  "fail_on_error_log": true,
                  "timeout": 900,
                  "stop_grace": 10,
                  "limits": {
                    "memory": 1073741824,
                    "cpus": 0.5,
                    "processes": 64,
                    "open_files": 1024,
                    "file_size": 104857600,
                    "output": 104857600,
                    "output_files": 10000,
                    "log": 1048576,
                    "tmp": 104857600
                  },
                  "network": "none",
                  "priority": 50,
                  "retry": {
                    "attempts": 1
                  },
                  "requirements": []
                }
                """)
        #expect(try Manifest.reading(applied: Array(manifest.json().utf8)).get() == manifest)
        guard case .failure(let error) = Manifest.reading(applied: Array("{}".utf8)) else {
            return #expect(Bool(false))
        }
        #expect(error.errors.count == 4)
    }
}
