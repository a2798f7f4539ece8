import Foundation
import Testing

/// What clumsy and hostile scripts do to the ways of calling them: the run has a named end with a reason, and the daemon goes on.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings(slots: 4)), .needs("python3"))
struct BadScriptTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var manifest = "call: main"
        let script: String
        var state = "failed"
        let reason: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "a syntax error", script: "def main(input):\n    return (1\n",
            reason: "main.py:2: SyntaxError: '(' was never closed"),
        Case(
            name: "a syntax error in a statement", manifest: "call: statement", script: "x = 1\nreturn [\n",
            reason: "main.py:2: SyntaxError: '[' was never closed"),
        Case(name: "no main", script: "def man(input):\n    return 1\n", reason: "main.py: "),
        Case(
            name: "two arguments", script: "\ndef main(a, b):\n    return 1\n",
            reason: "main.py:2: main takes 2 arguments (a, b); wanted: def main(input)"),
        Case(name: "a main that is no function", script: "main = 7\n", reason: "main.py: "),
        Case(name: "a generator", script: "def main(input):\n    yield 1\n", reason: "generator"),
        Case(
            name: "a cycle", script: "def main(input):\n    a = []\n    a.append(a)\n    return a\n",
            reason: "result[0]"),
        Case(
            name: "infinity", script: "def main(input):\n    return {'a': [1e400]}\n",
            reason: "result.a[0]: cannot be JSON: inf"),
        Case(
            name: "an input that no float can hold", manifest: "call: main\ninput: [1e400]",
            script: "def main(input):\n    return 1\n", reason: "1e400"),
        Case(name: "a set", script: "def main(input):\n    return {'a': {1}}\n", reason: "result.a: cannot be JSON: "),
        Case(name: "an object", script: "def main(input):\n    return object()\n", reason: "result: cannot be JSON: "),
        Case(
            name: "a coroutine that nobody awaited", manifest: "call: statement",
            script: "async def work():\n    return 1\nwork()\nreturn []\n", reason: "work"),
        Case(
            name: "a statement without a list", manifest: "call: statement", script: "return 7\n", reason: "a list"),
        Case(
            name: "a statement without a return", manifest: "call: statement", script: "x = 1\n", reason: "return items"
        ),
        Case(
            name: "rows of what is no list", manifest: "call: main\nmode: rows\ninput: {a: 1}",
            script: "def main(row):\n    return 1\n", reason: "list"),
        Case(
            name: "a variable that is not there", manifest: "result: {variable: totals}", script: "total = 1\n",
            reason: "did you mean 'total'?"),
        Case(
            name: "no memory", manifest: "call: main\nlimits: {memory: 64MiB}",
            script: "def main(input):\n    return len(bytearray(1 << 29))\n", reason: "main.py:2: MemoryError"),
        Case(
            name: "recursion", script: "def main(input):\n    return main(input)\n",
            reason: "main.py:2: RecursionError: maximum recursion depth exceeded"),
        Case(
            name: "os._exit", script: "import os\ndef main(input):\n    os._exit(9)\n", reason: "exit code 9"),
        Case(
            name: "a helper of its own",
            script: "import sys\nsys.modules['bobbin'] = None\ndef main(input):\n    1 / 0\n",
            reason: "main.py:4: ZeroDivisionError: division by zero"),
    ]

    @Test(arguments: cases) func itHasAReason(_ bad: Case) async throws {
        let spool = try Daemon.shared.spool
        let name = spool.freshName("bad")
        try spool.drop(name, files: ["manifest.yaml": bad.manifest, "main.py": bad.script])
        let result = try await spool.result(of: name)
        #expect(result.state == bad.state, "\(result)")
        #expect(result.reason.contains(bad.reason), "\(result)")
        #expect(!result.reason.contains("/run/bobbin") && !result.stderr.contains("/run/bobbin"), "\(result)")
        // Of no rows the result is an empty list.
        #expect(result.text("result.json") == (bad.manifest.contains("rows") ? "[]\n" : nil), "\(result)")
    }

    @Test func aHundredMegabytesComeBackWhole() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "hundred",
            files: ["manifest.yaml": "call: main", "main.py": "def main(input):\n    return 'x' * 100_000_000\n"])
        let result = try await spool.result(of: "hundred")
        #expect(result.state == "succeeded", "\(result)")
        #expect(result.bytes("result.json")?.count == 100_000_003)
    }

    @Test func aScriptsOwnWordsAreNothingButWords() async throws {
        let spool = try Daemon.shared.spool
        // A reason for a success, a helper's name, rows that were none, numbers that are none.
        try spool.drop(
            "forged",
            files: [
                "manifest.yaml": "call: main",
                "bobbin.py": "def message(text): print('not the helper:', text)\n",
                "main.py": """
                import bobbin, os
                def main(input):
                    bobbin.message("hello")
                    with open(os.environ["BOBBIN_EVENTS"], "w") as events:
                        events.write('{"type": "failure", "reason": "made up"}\\n')
                        events.write('{"type": "rows", "total": -1, "failed": 1e99}\\n')
                        events.write('{"type": "progress", "value": 1e999}\\n')
                        events.write('{"type": "progress", "value": 7}\\n')
                        events.write('{"type": "checkpoint", "value": "' + "x" * 70000 + '"}\\n')
                        events.write('{"type": "checkpoint", "value": [1e999]}\\n')
                        events.write('{"type": "state", "state": "rejected"}\\n')
                        events.write('[' * 60000 + '\\n')
                    print('{"type": "log", "level": "error", "message": "on stdout"}')
                    return 1
                """,
            ])
        let result = try await spool.result(of: "forged")
        #expect(result.state == "succeeded" && result.reason == "", "\(result)")
        #expect(result.stdout.hasPrefix("not the helper: hello\n"))
        #expect(result.status["progress"] as? Double == 1)
        #expect(result.status["rows"] == nil && result.status["checkpoint"] == nil && !result.has("log.jsonl"))
        #expect(result.status["events_dropped"] as? Int == 6)
    }

    @Test func outputThatIsNoTextIsKeptAsItIs() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "bytes",
            files: [
                "manifest.yaml": "call: main",
                "main.py": """
                import os, sys
                def main(input):
                    sys.stdout.buffer.write(b"\\xff\\xfe\\x00text\\n")
                    os.write(2, b"\\xc3(\\n")
                    raise ValueError("caf\\udce9 \\x1b[31m")
                """,
            ])
        let result = try await spool.result(of: "bytes")
        #expect(result.bytes("stdout") == [0xFF, 0xFE, 0x00] + Array("text\n".utf8))
        #expect(result.state == "failed" && result.reason.hasPrefix("main.py:5: ValueError: caf"), "\(result)")
    }
}
