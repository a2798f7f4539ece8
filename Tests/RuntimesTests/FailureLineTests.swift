import Runtimes
import Testing

/// Why a script failed, from what its interpreter wrote.
@Suite struct FailureLineTests {
    @Test(arguments: [
        (
            "Traceback (most recent call last):\n  File \"/bundle/main.py\", line 4, in <module>\n    f()\n"
                + "  File \"/bundle/lib/a.py\", line 2, in f\n    raise ValueError(\"no\")\nValueError: no\n",
            "lib/a.py:2: ValueError: no"
        ),
        // A library's frame is not the script's.
        (
            "noise\nTraceback (most recent call last):\n  File \"/bundle/main.py\", line 1, in <module>\n    json.loads('')\n"
                + "  File \"/usr/lib/python3.11/json/__init__.py\", line 346, in loads\n    return x\n"
                + "json.decoder.JSONDecodeError: Expecting value\n",
            "main.py:1: json.decoder.JSONDecodeError: Expecting value"
        ),
        (
            "  File \"/bundle/main.py\", line 2\n    x = (\n        ^\nSyntaxError: '(' was never closed\n",
            "main.py:2: SyntaxError: '(' was never closed"
        ),
        // The last of a chain.
        (
            "Traceback (most recent call last):\n  File \"/bundle/main.py\", line 2, in <module>\n    a\nNameError: a\n\n"
                + "During handling of the above exception, another exception occurred:\n\n"
                + "Traceback (most recent call last):\n  File \"/bundle/main.py\", line 5, in <module>\n    b\nKeyError: 'b'\n",
            "main.py:5: KeyError: 'b'"
        ),
        (
            "Traceback (most recent call last):\n  File \"/bundle/main.py\", line 1, in <module>\n    raise E(\"a\\nb\")\nE: a\nb\n",
            "main.py:1: E: a"
        ),
    ]) func python(_ text: String, _ reason: String) {
        #expect(FailureLine.reason(runtime: "python", text) == reason)
    }

    @Test(arguments: [
        ("Error in f() : no\nCalls: f\nExecution halted\n", "Error in f() : no"),
        (
            "Error in read.csv(file = \"nowhere\") : \n  cannot open the connection\nExecution halted\n",
            "Error in read.csv(file = \"nowhere\") : cannot open the connection"
        ),
        ("Error: object 'x' not found\nExecution halted\n", "Error: object 'x' not found"),
    ]) func r(_ text: String, _ reason: String) { #expect(FailureLine.reason(runtime: "r", text) == reason) }

    @Test(arguments: [
        (
            "/bundle/main.js:2\na.b()\n  ^\n\nTypeError: Cannot read properties of undefined (reading 'b')\n    at Object.<anonymous> (/bundle/main.js:2:3)\n    at node:internal/main/run:1:1\n\nNode.js v20.20.2\n",
            "main.js:2: TypeError: Cannot read properties of undefined (reading 'b')"
        ),
        (
            "file:///bundle/main.mjs:3\nlet x = ;\n        ^\n\nSyntaxError: Unexpected token ';'\n    at internal (node:internal/x:1:1)\n",
            "main.mjs:3: SyntaxError: Unexpected token ';'"
        ),
    ]) func node(_ text: String, _ reason: String) { #expect(FailureLine.reason(runtime: "node", text) == reason) }

    @Test(arguments: ["python", "r", "node", "sh", "perl"]) func whatSaysNothingGivesNone(_ runtime: String) {
        for text in [
            "", "\n\n", "done\n", "  File \"", "  File \"/bundle/x\", line \n", "\u{0}\u{FFFD}\n: : :\n",
        ] {
            #expect(FailureLine.reason(runtime: runtime, text) == nil, "\(text)")
        }
    }
}
