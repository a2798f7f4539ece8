import Foundation
import Glibc
import Testing

/// Each way of calling a script, through the daemon. What the harnesses do with all kinds of scripts stands in Tests/harness.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings(slots: 4)), .needs("python3", "Rscript", "node"))
struct WaysTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let manifest: String
        let files: [String: String]
        var state = "succeeded"
        /// JSON, or CSV; nil: there is none.
        var result: String?
        var resultName = "result.json"
        /// What `reason` is.
        var reason = ""
        var rows: [String: Int]?
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "python main", manifest: "call: main\ninput: {n: 2}",
            files: ["main.py": "def main(input):\n    return {'n': input['n'] + 1}\n"], result: "{\"n\": 3}\n"),
        Case(
            name: "python async main", manifest: "call: main",
            files: [
                "main.py": "import asyncio\nasync def main(input):\n    await asyncio.sleep(0)\n    return [input]\n"
            ],
            result: "[null]\n"),
        Case(
            name: "python main fails", manifest: "call: main",
            files: ["main.py": "def main(input):\n    return 1 / 0\n"], state: "failed",
            reason: "main.py:2: ZeroDivisionError: division by zero"),
        Case(
            name: "python statement", manifest: "call: statement\ninput: [{id: 1}, {id: 2}]",
            files: ["main.py": "await sleep(0)\nlog.info('x')\nreturn [{'id': r['id'] * 2} for r in INPUT_DATA]\n"],
            result: "[{\"id\": 2}, {\"id\": 4}]\n"),
        Case(
            name: "python statement fails", manifest: "call: statement",
            files: ["main.py": "x = 1\nraise ValueError('no')\nreturn []\n"], state: "failed",
            reason: "main.py:2: ValueError: no"),
        Case(
            name: "python rows", manifest: "call: main\nmode: rows\ninput: {file: in.csv}",
            files: ["main.py": "def main(row):\n    return int(row['a']) * 2\n", "in.csv": "a,b\n1,x\n2,y\n"],
            result: "[2, 4]", rows: ["total": 2, "failed": 0]),
        Case(
            name: "python rows go on", manifest: "call: main\nmode: rows\non_row_error: continue\ninput: [1, 0, 2]",
            files: ["main.py": "def main(n):\n    return 2 // n\n"], state: "failed", result: "[2, 1]",
            reason:
                "1 of 3 rows failed; first: main.py:2: row 1: ZeroDivisionError: integer division or modulo by zero",
            rows: ["total": 3, "failed": 1]),
        Case(
            name: "python rows stop", manifest: "call: main\nmode: rows\ninput: [1, 0, 2]",
            files: ["main.py": "def main(n):\n    return 2 // n\n"], state: "failed", result: "[2]",
            reason: "main.py:2: row 1: ZeroDivisionError: integer division or modulo by zero",
            rows: ["total": 2, "failed": 1]),
        Case(
            name: "python variable", manifest: "result: {variable: found}",
            files: ["main.py": "import sys\nfound = {'args': sys.argv, 'name': __name__}\n"],
            result: "{\"args\": [\"main.py\"], \"name\": \"__main__\"}\n"),
        Case(
            name: "python variable as a table", manifest: "result: {variable: t, format: csv}",
            files: ["main.py": "t = [{'a': 1, 'b': 'x,y'}, {'b': 'z'}]\n"], result: "a,b\n1,\"x,y\"\n,z\n",
            resultName: "result.csv"),
        Case(
            name: "a file as the result", manifest: "result: {file: out/chart.svg}\noutputs: [nothing]",
            files: ["main.sh": "mkdir out; echo '<svg/>' >out/chart.svg; touch more"], result: "<svg/>\n",
            resultName: "files/out/chart.svg"),
        Case(
            name: "a file as the result that is not there", manifest: "result: {file: chart.svg}",
            files: ["main.sh": ":"], state: "invalid_output",
            reason: "its result is missing: it left no regular file 'chart.svg'"),
        Case(
            name: "shell script", manifest: "title: x", files: ["main.sh": "echo '{\"a\": [1, 2.50]}' >$BOBBIN_RESULT"],
            result: "{\"a\": [1, 2.50]}\n"),
        Case(
            name: "shell script that writes no JSON", manifest: "title: x",
            files: ["main.sh": "echo '{a: 1}' >$BOBBIN_RESULT"],
            state: "invalid_output", result: "{a: 1}\n",
            reason: "what it wrote to $BOBBIN_RESULT is no JSON, or is nested more than 64 levels deep"),
        Case(
            name: "plain python script that fails", manifest: "title: x",
            files: ["main.py": "import os\ndef f():\n    os.stat('/nowhere')\nf()\n"], state: "failed",
            reason: "main.py:3: FileNotFoundError: [Errno 2] No such file or directory: '/nowhere'"),
        Case(
            name: "imports that are allowed", manifest: "call: main\nimports: {allow: [json]}",
            files: ["main.py": "import json\ndef main(input):\n    return json.loads('[1]')\n"], result: "[1]\n"),
        Case(
            name: "an import that is not", manifest: "imports: {allow: [json]}",
            files: ["main.py": "import json\nimport os\nprint('ran')\n"], state: "failed",
            reason: "main.py:2: ImportError: 'os' may not be imported here; allowed: json"),
        Case(
            name: "r main", manifest: "call: main\ninput: {n: 2}",
            files: ["main.R": "main <- function(input) list(n = input$n + 1)\n"], result: "{\"n\":3}"),
        Case(
            name: "r main fails", manifest: "call: main",
            files: ["main.R": "main <- function(input) {\n  stop(\"no\")\n}\n"], state: "failed",
            reason: "main.R:2: Error in main(input): no"),
        Case(
            name: "r variable as a table", manifest: "result: {variable: df, format: csv}",
            files: ["main.R": "df <- data.frame(a = 1:2, b = c(\"x\", NA))\n"], result: "a,b\n1,x\n2,\n",
            resultName: "result.csv"),
        Case(
            name: "plain r script that fails", manifest: "title: x",
            files: ["main.R": "f <- function() stop(\"no\")\nf()\n"],
            state: "failed", reason: "Error in f() : no"),
        Case(
            name: "node main", manifest: "call: main\ninput: {n: 2}",
            files: ["main.mjs": "export default async function (input) { return { n: input.n + 1 } }\n"],
            result: "{\"n\":3}"),
        Case(
            name: "node exports.main", manifest: "call: main\ninput: [1]",
            files: ["main.js": "exports.main = input => input\n"], result: "[1]"),
        Case(
            name: "node main fails", manifest: "call: main",
            files: ["main.mjs": "export default () => {\n  throw new TypeError('no')\n}\n"], state: "failed",
            reason: "main.mjs:2: TypeError: no"),
        Case(
            name: "plain node script that fails", manifest: "title: x", files: ["main.js": "let a\na.b()\n"],
            state: "failed", reason: "main.js:2: TypeError: Cannot read properties of undefined (reading 'b')"),
    ]

    @Test(arguments: cases) func way(_ way: Case) async throws {
        let spool = try Daemon.shared.spool
        let name = spool.freshName("way")
        var files = way.files
        files["manifest.yaml"] = way.manifest
        try spool.drop(name, files: files)
        let result = try await spool.result(of: name)
        #expect(result.state == way.state, "\(result)")
        #expect(result.reason == way.reason, "\(result)")
        #expect(result.status["rows"] as? [String: Int] == way.rows)
        if let expected = way.result {
            let found = result.text(way.resultName)
            #expect(
                found.map(Self.canonical) == Self.canonical(expected), "\(found ?? "none") for \(expected); \(result)")
            #expect(result.status["result"] as? String == way.resultName)
        } else {
            #expect(!result.has("result.json") && !result.has("result.csv") && result.status["result"] == nil)
        }
        let read = try await spool.bobbin("result", name)
        #expect(read.code == (way.result == nil ? 1 : 0), "\(read)")
        if way.result != nil { #expect(read.output == result.text(way.resultName)) }
    }

    /// The harnesses differ in spaces; numbers keep their digits.
    private static func canonical(_ text: String) -> String {
        text.hasPrefix("[") || text.hasPrefix("{") ? text.filter { !$0.isWhitespace } : text
    }

    @Test func aResultBelongsToTheDropperAndIsClosedToOthers() async throws {
        let spool = try Daemon.shared.spool
        let name = spool.freshName("own")
        try spool.drop("\(name).sh", script: "echo 1 >$BOBBIN_RESULT; umask 0; chmod 777 $BOBBIN_RESULT 2>/dev/null; :")
        let result = try await spool.result(named: name)
        let attributes = try FileManager.default.attributesOfItem(atPath: result.path + "/result.json")
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(attributes[.ownerAccountID] as? UInt32 == spool.dropper)
    }

    /// Its user may be the daemon's own, as may who removes and makes what lies in `active/`.
    @Test(arguments: TemporarySpool.Mode.possible)
    func aResultThatIsClosedOrInTheWayIsPublishedAllTheSame(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "closed.py",
                script: """
                    import os
                    with open(os.environ["BOBBIN_RESULT"], "w") as file: file.write("1")
                    try: os.chmod(os.environ["BOBBIN_RESULT"], 0)
                    except PermissionError: pass
                    """)
            let closed = try await spool.result(of: "closed.py")
            #expect(closed.state == "succeeded" && closed.text("result.json") == "1", "\(closed)")
            for (name, make) in [("file", "echo junk >"), ("directory", "mkdir -p")] {
                try spool.drop("\(name).sh", script: "echo 2 >$BOBBIN_RESULT; while ! test -e go; do sleep 0.05; done")
                let live = try await eventually("it runs") {
                    let names = (try? FileManager.default.contentsOfDirectory(atPath: spool.active())) ?? []
                    return names.first { $0.hasPrefix("\(name).") }.map { "\(spool.active())/\($0)" }
                }
                try await Command.check(["sh", "-c", "\(make) \(live)/result.json"])
                #expect(try await spool.bobbin("cancel", name, as: geteuid()).code == 0)
                let result = try await spool.result(of: "\(name).sh")
                #expect(result.state == "cancelled" && result.text("result.json") == "2\n", "\(result)")
            }
        }
    }

    @Test func whatItWritesToTheResultIsHeldByFileSize() async throws {
        let spool = try Daemon.shared.spool
        let name = spool.freshName("large")
        try spool.drop(
            name,
            files: [
                "manifest.yaml": "limits: {file_size: 64KiB}\ncall: main",
                "main.py": "def main(input):\n    return 'x' * 100_000\n",
            ])
        let result = try await spool.result(of: name)
        #expect(result.state == "limit_exceeded", "\(result)")
        #expect(result.reason.contains("file_size"), "\(result)")
    }

    @Test(arguments: [
        ("call: main", "main.sh", "'call: main' works with python, r and node; this is 'sh'"),
        ("call: statement", "main.R", "'call: statement' works with python alone; this is 'r'"),
        ("mode: rows", "main.py", "'mode' is for 'call: main' and 'call: statement'"),
        ("call: main\non_row_error: stop", "main.py", "'on_row_error' is for 'mode: rows'"),
        (
            "call: main\ninput: {file: a.txt}", "main.py",
            "the input of 'call: main' is .json, .csv or .jsonl; 'a.txt' is none of these"
        ),
        ("result: {variable: x}", "main.sh", "'result: variable' works with python and r; this is 'sh'"),
        ("result: {variable: x, file: y}", "main.py", "a result is a 'file' as it is, or has a 'variable': not both"),
        ("result: {file: ../y}", "main.py", "'file' '../y' must not have '..' in it"),
        (
            "call: main\nresult: {file: y}", "main.py",
            "'result: file' is for 'call: script'; what 'main' returns is the result"
        ),
        (
            "checkpoint: {column: id}", "main.py",
            "'checkpoint: column' looks at what 'main' or 'statement' returns, or at 'result: variable'"
        ),
        ("imports: {allow: [os]}", "main.sh", "'imports' works with python alone; this is 'sh'"),
        ("imports: [os]", "main.py", "'imports' must be a mapping of keys; this is a list"),
        ("imports: {allow: ['os path']}", "main.py", "'os path' is no name of a module, as os.path"),
    ]) func whatDoesNotGoTogetherIsRejected(_ manifest: String, _ entry: String, _ message: String) async throws {
        let spool = try Daemon.shared.spool
        let name = spool.freshName("wrong")
        try spool.drop(name, files: ["manifest.yaml": manifest, entry: "", "a.txt": ""])
        let result = try await spool.result(of: name)
        #expect(result.state == "rejected", "\(result)")
        #expect(result.messages.contains(message), "\(result)")
    }
}
