"""The Node harness and helper, started as the sandbox starts them: `node harness.mjs ENTRY ARGS...` in the bundle."""

import csv
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

FILES = Path(__file__).resolve().parents[2] / "Sources/Harnesses/Files"


class Run:
    """What a run left."""

    def __init__(self, code, stdout, stderr, result, events):
        self.code, self.stdout, self.stderr, self.result = code, stdout, stderr, result
        self.events = [json.loads(line) for line in events.splitlines()]

    @property
    def value(self):
        return json.loads(self.result)

    @property
    def reason(self):
        failures = [event["reason"] for event in self.events if event["type"] == "failure"]
        return failures[-1] if failures else None

    @property
    def rows(self):
        return [(event["total"], event["failed"]) for event in self.events if event["type"] == "rows"]

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]


@unittest.skipUnless(shutil.which("node"), "Node is not installed")
class Harness(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="bobbin-node-")
        self.addCleanup(self.place.cleanup)
        outside = Path(self.place.name)
        self.bundle = outside / "bundle"
        self.bundle.mkdir()
        # In the sandbox the helper is in /node_modules, above the bundle.
        helper = outside / "node_modules/bobbin"
        helper.mkdir(parents=True)
        for name in ("package.json", "index.cjs", "index.mjs"):
            shutil.copy(FILES / name, helper / name)

    def write(self, name, text):
        path = self.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_script(self, code, arguments=(), *, call="main", kind="json", given=None, env=None, entry="main.mjs", plain=False,
                   limit=None, fifo=False, wait=60, **settings):
        """Runs `code` as the entry; `given` is the input, bytes or text as they are, anything else as JSON."""
        if code is not None:
            self.write(entry, code)
        outside = Path(self.place.name)
        result = outside / "result"
        result.write_bytes(b"")
        events = outside / "events"
        if events.exists():
            events.unlink()
        if given is not None:
            path = self.bundle / f"input.{kind}"
            if not isinstance(given, (str, bytes)):
                given = json.dumps(given)
            path.write_bytes(given if isinstance(given, bytes) else given.encode())
            settings["input"] = {"kind": kind, "path": str(path)}
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(outside), "TMPDIR": str(outside), "LANG": "C.UTF-8",
            "BOBBIN_EVENTS": str(events), "BOBBIN_RESULT": str(result),
            "BOBBIN_HARNESS": json.dumps({"call": call, **settings}), **(env or {}),
        }
        environment = {name: value for name, value in environment.items() if value is not None}
        read = []
        if fifo:
            os.mkfifo(events)
            keep = os.open(events, os.O_RDWR)
            end = os.open(events, os.O_RDONLY)

            def drain():
                while data := os.read(end, 1 << 16):
                    read.append(data)

            reader = threading.Thread(target=drain)
            reader.start()
        else:
            events.write_bytes(b"")
        if plain:
            del environment["BOBBIN_HARNESS"]
        command = ["node", *([] if plain else [FILES / "harness.mjs"]), entry, *arguments]
        done = subprocess.run(
            command, cwd=self.bundle, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=wait,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None)
        if fifo:
            os.close(keep)
            reader.join()
            os.close(end)
            said = b"".join(read)
        else:
            said = events.read_bytes()
        return Run(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
                   result.read_text(), said.decode())

    def good(self, code, *arguments, **more):
        run = self.run_script(code, *arguments, **more)
        self.assertEqual(run.code, 0, run.stderr)
        self.assertIsNone(run.reason)
        return run

    def bad(self, reason, code, *arguments, exit_code=1, **more):
        run = self.run_script(code, *arguments, **more)
        self.assertEqual(run.reason, reason, run.stderr)
        self.assertEqual(run.code, exit_code, run.stderr)
        self.assertNotIn(str(FILES), run.stderr)
        return run


class Main(Harness):
    def test_ways_to_export(self):
        for entry, code in (
            ("main.mjs", "export default function (input) { return input.n * 2; }"),
            ("main.mjs", "export default async (input) => input.n * 2;"),
            ("main.mjs", "export function main(input) { return input.n * 2; }"),
            ("main.mjs", "export default { main: (input) => input.n * 2 };"),
            ("main.mjs", "export const main = async (input, more = 1, ...rest) => input.n * 2;\nexport default 5;"),
            ("main.js", "exports.main = (input) => input.n * 2;"),
            ("main.js", "module.exports = (input) => input.n * 2;"),
            ("main.js", "module.exports = { main(input) { return input.n * 2; } };"),
            ("main.cjs", "exports.main = async function (input) { return input.n * 2; };"),
            ("main.cjs", "Object.defineProperty(exports, '__esModule', { value: true });\nexports.default = (input) => input.n * 2;"),
            ("sub/main.mjs", "export default function () { return arguments[0].n * 2; }"),
        ):
            with self.subTest(code):
                self.assertEqual(self.good(code, entry=entry, given={"n": 21}).result, "42\n")
        self.write("package.json", '{"type":"module"}')
        self.assertEqual(self.good("export default (input) => input.n * 2;", entry="main.js", given={"n": 21}).result, "42\n")

    def test_input_and_result(self):
        self.assertEqual(self.good("export default (input) => [input]").result, "[null]\n")
        self.assertEqual(self.good("export default () => {}").result, "null\n")
        self.assertEqual(self.good("export default (input) => input", given={"é": ["😀", 1.5, None, True]}).result, '{"é":["😀",1.5,null,true]}\n')

    def test_what_the_script_sees(self):
        run = self.good(
            "import path from 'node:path';\nexport default () => [process.argv.length, path.basename(process.argv[1]), process.argv.slice(2),\n"
            "  process.env.BOBBIN_HARNESS ?? 'none', path.basename(process.cwd()), path.basename(import.meta.url)]", ["a b", "-x"])
        self.assertEqual(run.value, [4, "main.mjs", ["a b", "-x"], "none", "bundle", "main.mjs"])

        odd = ["", "-e", "--version", "--", "ü", "x y'\""]
        self.assertEqual(self.good("export default () => process.argv.slice(2)", odd, entry="a b ü.mjs").value, odd)

    def test_top_level_await_and_timers(self):
        run = self.good("const wait = (ms) => new Promise((done) => setTimeout(done, ms));\nawait wait(5);\n"
                        "export default async () => { setTimeout(() => console.log('later'), 30); await wait(5); return 1; }")
        self.assertEqual((run.value, run.stdout), (1, "later\n"))

    def test_where_an_error_is(self):
        self.write("lib/more.mjs", "export function helper(x) {\n  return x.y.z;\n}\n")
        self.write("node_modules/dep/index.js", "module.exports = (f) => { f(); throw new RangeError('in dep'); };\n")
        self.write("a b ü.mjs", "export default () => {\n  throw new Error('x');\n}\n")
        for reason, code in {
            "main.mjs:3: TypeError: msg": "export default function main(input) {\n\n  throw new TypeError('msg');\n}\n",
            "lib/more.mjs:2: TypeError: Cannot read properties of undefined (reading 'z')":
                "import { helper } from './lib/more.mjs';\nexport default async () => {\n  await null;\n  return helper({});\n}",
            "main.mjs:3: RangeError: in dep": "import dep from 'dep';\nexport default () => {\n  dep(() => {});\n}",
            "main.mjs:2: Error: at the top": "\nthrow new Error('at the top');",
            "main.mjs: Error: text was thrown": "export default () => { throw 'text'; }",
            "main.mjs: Error: { a: 1 } was thrown": "export default async () => { throw { a: 1 }; }",
            "main.mjs: Error: null was thrown": "export default async () => { throw null; }",
            "main.mjs:2: Mine: a b": "class Mine extends Error { name = 'Mine'; }\nexport default () => { throw new Mine('a\\n b'); }",
            "main.mjs:1: Error: late": "export default () => { setTimeout(() => { throw new Error('late'); }, 5); return 1; }",
            "main.mjs:1: Error: forgotten": "export default () => { Promise.reject(new Error('forgotten')); return new Promise((done) => setTimeout(done, 50)); }",
            "main.mjs:1: RangeError: Maximum call stack size exceeded": "const f = () => f() + 1; export default f;",
            "main.mjs:1: ReferenceError: nothing is not defined": "export default () => nothing;",
        }.items():
            with self.subTest(reason):
                run = self.bad(reason, code)
                self.assertNotIn("harness.mjs", run.stderr)
        self.bad("main.cjs:2: Error: x", "module.exports = () => {\n  throw new Error('x');\n};", entry="main.cjs")
        self.bad("a b ü.mjs:2: Error: x", None, entry="a b ü.mjs")
        run = self.run_script("export default () => { throw new Error('long '.repeat(1000)); }")
        self.assertEqual(len(run.reason), 500)

    def test_causes_and_properties_are_shown(self):
        run = self.bad("main.mjs:1: Error: outer", "export default () => { throw Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E5' }); }")
        self.assertIn("[cause]: Error: inner", run.stderr)
        self.assertIn("code: 'E5'", run.stderr)

    def test_syntax_errors(self):
        run = self.bad("main.mjs:2: SyntaxError: Unexpected token ';'", "const a = 1;\nlet x = ;\n")
        self.assertIn("let x = ;", run.stderr)
        self.bad("main.cjs:2: SyntaxError: Unexpected token ';'", "const a = 1;\nlet x = ;\n", entry="main.cjs")
        self.write("lib/bad.mjs", "\n\nlet x = ;\n")
        self.bad("lib/bad.mjs:3: SyntaxError: Unexpected token ';'", "import './lib/bad.mjs';\nexport default () => 1;")
        self.write("lib/good.mjs", "export const a = 1;\n")
        self.bad("main.mjs:2: SyntaxError: The requested module './lib/good.mjs' does not provide an export named 'b'",
                 "\nimport { b } from './lib/good.mjs';\nexport default () => 1;")
        run = self.run_script("import 'nowhere';\nexport default () => 1;")
        self.assertRegex(run.reason, r"^main\.mjs: Error( \[ERR_MODULE_NOT_FOUND\])?: Cannot find package 'nowhere'")
        run = self.run_script(None, entry="missing.mjs")
        self.assertRegex(run.reason, r"^missing\.mjs: Error.*Cannot find module")

    def test_exits(self):
        self.bad("main.mjs:2: exit code 3", "export default async () => {\n  process.exit(3);\n}", exit_code=3)
        self.bad("main.mjs: exit code 4", "export default () => { process.exitCode = 4; return 1; }", exit_code=4)
        self.assertEqual(self.good("export default () => process.exit(0)").result, "")
        self.assertEqual(self.good("export default () => { setTimeout(() => process.exit(0), 5); return new Promise(() => {}); }").result, "")

    def test_what_never_ends(self):
        self.bad("main.mjs: main never settled: nothing is left that could end its waiting", "export default () => new Promise(() => {});")
        self.bad("main.mjs: the module never finished loading: nothing is left that could end its waiting",
                 "await new Promise(() => {});\nexport default () => 1;")

    def test_main_that_cannot_be_called(self):
        wanted = ("; with 'call: main' the file exports it: export default function (input), export function main(input), "
                  "or module.exports = function")
        for reason, code in {
            "main.mjs: there is no 'main', only a, b": "export const a = 1, b = 2;",
            "main.mjs: there is no 'main'": "function main() {}",
            "main.mjs: 'main' is a value of type number, not a function": "export const main = 3;",
            "main.mjs:2: 'main' is a class, not a function": "\nexport default class Main {}",
            "main.mjs:2: 'main' needs 2 arguments": "\nexport function main(a, b, c = 1) { console.log('called'); }",
        }.items():
            with self.subTest(reason):
                self.assertEqual(self.bad(reason + wanted, code).stdout, "")
        self.bad("main.mjs:1: 'main' is a generator function; return an array instead of yielding its elements", "export function* main() { yield 1; }")
        self.bad("main.cjs: there is no 'main'" + wanted, "exports = () => 1;", entry="main.cjs")

    def test_hostile_scripts(self):
        end = "\nexport default () => ({ a: [1, 'x'] });"
        for code in (
            "JSON.stringify = () => '\"mine\"'; JSON.parse = null;",
            "process.stdout.write = () => {}; process.exit = () => {}; console.log = null;",
            "import fs from 'node:fs'; for (const name of ['writeSync', 'openSync', 'readSync', 'closeSync']) fs[name] = () => { throw 1; };",
            "import fs from 'node:fs'; for (let fd = 3; fd < 20; fd += 1) { try { fs.fstatSync(fd); if (fs.statSync(`/proc/self/fd/${fd}`).isFile()) fs.closeSync(fd); } catch {} }",
            "globalThis.Buffer = globalThis.Promise = globalThis.Map = globalThis.Object = undefined;",
            "delete process.env.BOBBIN_RESULT; delete process.env.BOBBIN_EVENTS; process.chdir('/');",
            "Error.prepareStackTrace = () => 5; Error.stackTraceLimit = 0;",
            "Array.isArray = () => false; Array.prototype.map = null; Array.prototype.join = null;",
            "Array.prototype.push = () => { throw 1; };",
            "process.removeAllListeners();",
        ):
            with self.subTest(code):
                self.assertEqual(self.good(code + end).result, '{"a":[1,"x"]}\n')
        self.write("node_modules/bobbin/index.js", "module.exports = { log: 'mine' };")
        self.assertEqual(self.good("import bobbin from 'bobbin';\nexport default () => bobbin;").value, {"log": "mine"})
        run = self.run_script("export default () => { const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { throw 1; } }); throw e; }")
        self.assertEqual((run.code, run.reason), (1, "main.mjs: Error: x"))
        run = self.run_script("export default () => { throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } }); }")
        self.assertEqual(run.code, 1)
        self.assertTrue(run.reason.startswith("main.mjs: "), run.reason)

    def test_the_scripts_own_handler_has_the_last_word(self):
        run = self.good("process.on('uncaughtException', () => console.log('mine'));\n"
                        "export default () => { setTimeout(() => { throw 1; }, 1); return new Promise((done) => setTimeout(() => done(5), 30)); }")
        self.assertEqual((run.value, run.stdout), (5, "mine\n"))

    def test_a_result_over_the_limit_ends_by_its_signal(self):
        run = self.run_script("export default () => 'x'.repeat(1e6)", limit=100_000)
        self.assertEqual(run.code, -signal.SIGXFSZ)

    def test_script(self):
        self.assertEqual(self.good("console.log(process.argv[2]);", ["x"], call="script").stdout, "x\n")


class Input(Harness):
    ECHO = "export default (input) => input;"

    def test_csv(self):
        text = '\ufeffid,name,"the price",code\r\n1,Ann,2.5,x\r\n2,"O""Neil, Zoë",,\r\n\r\n3,"two\r\nlines"\r\n4,5" pipe\n'
        self.assertEqual(
            self.good(self.ECHO, given=text, kind="csv").value,
            [{"id": "1", "name": "Ann", "the price": "2.5", "code": "x"}, {"id": "2", "name": 'O"Neil, Zoë', "the price": "", "code": ""},
             {"id": "3", "name": "two\r\nlines", "the price": None, "code": None}, {"id": "4", "name": '5" pipe', "the price": None, "code": None}])
        for text in "", "a,b\n", "a,b":
            self.assertEqual(self.good(self.ECHO, given=text, kind="csv").value, [])
        self.assertEqual(self.good("export default (input) => Object.keys(input[0])", given="__proto__,constructor\n1,2\n", kind="csv").value,
                         ["__proto__", "constructor"])

    def test_bad_csv(self):
        for text, reason in {
            "a,b\n1,2\n1,2,3\n": ":3: 3 fields, but the header has 2", 'a,b\n1,"x\ny"\n"1"2,3\n': ":4: text behind a closing quote",
            'a\n1\n"x\n\n': ":3: a quote that is never closed", b"a\n1\n\xff\n": ":3: not UTF-8", "a,a\n": ":1: the column 'a' comes twice",
        }.items():
            with self.subTest(text):
                self.bad("input.csv" + reason, self.ECHO, given=text, kind="csv")

    def test_parts(self):
        """Lines that go over the ends of the parts a file is read in."""
        rows = [[str(i), ("x\n\"é😀," * (i % 50))] for i in range(20_000)]
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([["id", "t"], *rows])
        run = self.good("export default (row) => [row.id, row.t]", mode="rows", given=text.getvalue(), kind="csv")
        self.assertEqual(run.value, rows)
        long = json.dumps({"a": "é" * 3_000_000}, ensure_ascii=False)
        run = self.good("export default (input) => input.map((item) => item.a.length)", given=f"{long}\n\n{long}\n", kind="jsonl")
        self.assertEqual(run.value, [3_000_000] * 2)

    def test_json(self):
        self.assertEqual(self.good(self.ECHO, given="\ufeff[1]").value, [1])
        self.bad("input.json:2: the number 1e400 does not fit", self.ECHO, given='["1e999",\n1e400]')
        self.bad("input.json:1: the number -1" + "0" * 38 + "... does not fit", self.ECHO, given="-1" + "0" * 400)
        self.bad("input.json:2: not UTF-8", self.ECHO, given=b'["a",\n"\xff"]')
        for text, reason in {
            "": "1: not JSON: it ends too soon", "[1,\n2,\n]": "3: not JSON: unexpected ]", '{"a":1,\n"b"}': "2: not JSON: unexpected }",
            "[1]\nx": "2: not JSON: near 'x'", "[": "1: not JSON: it ends too soon", "{}[]": "1: not JSON: unexpected [",
            '{"a":1]': "1: not JSON: unexpected ]", '[1 "x"]': '1: not JSON: unexpected "x"', "{1:2}": "1: not JSON: unexpected 1",
            '{"a" 1}': "1: not JSON: unexpected 1", "[01]": "1: not JSON: unexpected 1", "[NaN]": "1: not JSON: near 'NaN]'",
            '["\x01"]': "1: not JSON: near '\"\x01\"]'", '{"a":1,}': "1: not JSON: unexpected }", "[,1]": "1: not JSON: unexpected ,",
        }.items():
            with self.subTest(text):
                self.bad(f"input.json:{reason}", self.ECHO, given=text)
        self.assertEqual(self.good(self.ECHO, given='["1e400 and \\"1e999\\"", 1e308]').value, ['1e400 and "1e999"', 1e308])

    def test_json_lines(self):
        self.assertEqual(self.good(self.ECHO, given='\ufeff{"a":1}\r\n\n  \n[2]', kind="jsonl").value, [{"a": 1}, [2]])
        run = self.run_script(self.ECHO, given='1\n\n{"a":x}\n', kind="jsonl")
        self.assertRegex(run.reason, r"^input\.jsonl:3: not JSON: ")
        run = self.run_script(self.ECHO, given="1\n2 3\n", kind="jsonl")
        self.assertRegex(run.reason, r"^input\.jsonl:2: not JSON: ")

    def test_no_such_file(self):
        run = self.run_script(self.ECHO, input={"kind": "csv", "path": "/nowhere.csv"})
        self.assertIn("cannot be read", run.reason)


class Forms(Harness):
    def test_forms(self):
        cases = {
            "1": 1, "NaN": None, "-0": 0, "undefined": None, "null": None, "[undefined, , 1]": [None, None, 1], "{ a: undefined, b: 1 }": {"b": 1},
            "new Date(0)": "1970-01-01T00:00:00.000Z", "new Date(NaN)": None, "12n": 12, "2n ** 53n": "9007199254740992", "-(2n ** 70n)": "-1180591620717411303424",
            "Buffer.from('hi')": "aGk=", "new Uint8Array([1, 2, 255]).subarray(1)": "Av8=", "new Uint8Array([1]).buffer": "AQ==",
            "new Float64Array([1.5, NaN])": [1.5, None], "new URL('http://a/b')": "http://a/b", "{ toJSON() { return { x: 1n }; } }": {"x": 1},
            "new Number(5)": 5, "new String('x')": "x", "Object.create(null, { a: { value: 1, enumerable: true } })": {"a": 1},
            "new (class P { x = 1; #y = 2; get z() { return 3; } })()": {"x": 1}, "{ [Symbol('s')]: 1, a: 1 }": {"a": 1}, "'\\\\ud800'": "\\ud800",
            "'😀'": "😀", "{ a: { b: [{ c: new Date(5) }] } }": {"a": {"b": [{"c": "1970-01-01T00:00:00.005Z"}]}},
            "(() => { const x = { a: 1 }; return [x, x]; })()": [{"a": 1}, {"a": 1}], "JSON.parse('{\"__proto__\":1,\"a\":2n}'.replace('n', ''))": {"__proto__": 1, "a": 2},
            "Object.assign(JSON.parse('{\"__proto__\":1}'), { d: new Date(0) })": {"__proto__": 1, "d": "1970-01-01T00:00:00.000Z"},
        }
        run = self.good("export default () => [\n" + ",\n".join(f"({text})" for text in cases) + "]")
        for text, value in zip(cases, run.value):
            with self.subTest(text):
                self.assertEqual(value, cases[text])
        for text in "undefined", "NaN", "12n", "new Date(0)", "Buffer.from('hi')":
            self.assertEqual(self.good(f"export default async () => ({text})").value, cases[text])

    def test_what_cannot_be_json(self):
        cases = {
            "{ items: [1, { price: Infinity }] }": "result.items[1].price: cannot be JSON: Infinity",
            "[-Infinity]": "result[0]: cannot be JSON: -Infinity",
            "{ 'a b': () => 1 }": 'result["a b"]: cannot be JSON: a function (a b)',
            "[Symbol('s')]": "result[0]: cannot be JSON: a symbol",
            "new Map([[1, 2]])": "result: cannot be JSON: a Map; use Object.fromEntries(map)",
            "{ s: new Set() }": "result.s: cannot be JSON: a Set; use [...set]",
            "[Promise.resolve(1)]": "result[0]: cannot be JSON: a promise; await it",
            "new Error('x')": "result: cannot be JSON: an Error; use its message",
            "/x/": "result: cannot be JSON: a regular expression; use its source",
            "(function* () {})()": "result: cannot be JSON: a generator; use [...generator]",
            "new URLSearchParams()": "result: cannot be JSON: an iterable that is no array; use [...it]",
            "(() => { const x = { a: { b: [] } }; x.a.b.push(x); return x; })()": "result.a.b[0]: cannot be JSON: it contains itself",
            "(() => { let x = []; for (let i = 0; i < 70; i += 1) x = [x]; return x; })()": "result" + "[0]" * 60 + ": cannot be JSON: more than 60 levels",
            "['\\ud800x']": "result[0]: cannot be JSON: a text with half of a surrogate pair",
        }
        run = self.run_script("const all = [\n" + ",\n".join(f"() => ({text})" for text in cases) + "];\nexport default (row) => all[row]();",
                              mode="rows", on_row_error="continue", given=list(range(len(cases))))
        told = re.findall(r"^Row \d+: (.*)$", run.stderr, re.M)
        self.assertEqual(told, list(cases.values()))
        self.assertEqual(run.reason, f"{len(cases)} of {len(cases)} rows failed; first: main.mjs: row 0: {told[0]}")
        run = self.bad("main.mjs: result.items[1].price: cannot be JSON: Infinity", "export default () => ({ items: [1, { price: Infinity }] })")
        self.assertEqual(run.result, "")
        self.bad("main.mjs: result[2500].x: cannot be JSON: Infinity", "export default () => Array.from({ length: 3000 }, (_, i) => ({ x: i === 2500 ? Infinity : i }))")

    def test_large_results(self):
        run = self.good("export default () => Array.from({ length: 100001 }, (_, i) => ({ i, t: 'é' }))")
        self.assertEqual(run.value, [{"i": i, "t": "é"} for i in range(100_001)])

    def test_csv(self):
        for text, value in {
            "[{ a: 1.5, 'b c': 'x,\"y\"' }, { d: new Date(0), a: null }, { e: [1, 2], a: true }]":
                'a,b c,d,e\n1.5,"x,""y""",,\n,,1970-01-01T00:00:00.000Z,\ntrue,,,"[1,2]"\n',
            "[[1, 'x'], [null, '\\n']]": '1,x\n,"\n"\n', "[]": "", "[{ a: null }, { a: '' }]": 'a\n""\n""\n',
        }.items():
            with self.subTest(text):
                self.assertEqual(self.good(f"export default () => {text}", result={"format": "csv"}).result, value)
        told = "cannot be CSV: a result with 'format: csv' is an array of objects or an array of arrays"
        self.bad(f"main.mjs: result: {told}", "export default () => 5", result={"format": "csv"})
        self.bad(f"main.mjs: result[1]: {told}", "export default () => [{}, []]", result={"format": "csv"})


class Rows(Harness):
    def test_joined_in_order(self):
        for code in ("export default (row) => ({ id: row.id, twice: row.id * 2 });",
                     "export default async (row) => { await null; return { id: row.id, twice: row.id * 2 }; }"):
            run = self.good(code, mode="rows", given=[{"id": i} for i in range(5000)])
            self.assertEqual(run.value, [{"id": i, "twice": 2 * i} for i in range(5000)])
            self.assertEqual(run.rows, [(5000, 0)])
        self.assertEqual(self.good(code, mode="rows", given=[]).result, "[]\n")

    def test_a_failing_row_stops(self):
        code = "export default (row) => {\n  if (row === 3) throw new Error('three');\n  return row;\n};"
        run = self.bad("main.mjs:2: row 3: Error: three", code, mode="rows", given=list(range(10)))
        self.assertEqual((run.value, run.rows), ([0, 1, 2], [(4, 1)]))
        self.assertIn("Error: three\n    at ", run.stderr)

    def test_or_others_go_on(self):
        code = "export default async (row) => {\n  if (row % 10 === 3) throw new Error('three');\n  return row;\n};"
        run = self.bad("30 of 300 rows failed; first: main.mjs:2: row 3: Error: three", code, mode="rows", on_row_error="continue", given=list(range(300)))
        self.assertEqual(run.value, [n for n in range(300) if n % 10 != 3])
        self.assertEqual(run.rows, [(300, 30)])
        self.assertEqual(run.stderr.count("Error: three"), 20)
        self.assertIn("more are not shown", run.stderr)

    def test_bad_input_in_the_middle(self):
        run = self.bad("input.csv:4: 3 fields, but the header has 2", "export default (row) => row.a", mode="rows", kind="csv", given="a,b\n1,2\n3,4\n5,6,7\n")
        self.assertEqual((run.value, run.rows), (["1", "3"], [(2, 0)]))
        run = self.run_script("export default (row) => row.a", mode="rows", kind="jsonl", on_row_error="continue", given='{"a":1}\n{"a":2}\n{"a":\n{"a":4}')
        self.assertRegex(run.reason, r"^input\.jsonl:3: not JSON")
        self.assertEqual(run.value, [1, 2])

    def test_what_is_no_list(self):
        told = "main.mjs: 'mode: rows' needs an input that is a list"
        for given, what in ({"a": 1}, "an object"), ("5", "a number"), ("null", "null"), ('"x"', "a string"):
            self.bad(f"{told}, and this one is {what}", "export default () => 1", mode="rows", given=given)
        self.bad(f"{told}; there is no input", "export default () => 1", mode="rows")

    def test_ends_in_a_row(self):
        run = self.bad("main.mjs:2: row 2: exit code 5", "export default (row) => {\n  if (row === 2) process.exit(5);\n  return row;\n}", mode="rows", given=[0, 1, 2, 3], exit_code=5)
        self.assertEqual((run.value, run.rows), ([0, 1], [(3, 1)]))
        run = self.bad("main.mjs: row 1: main never settled: nothing is left that could end its waiting", "export default (row) => row ? new Promise(() => {}) : 5", mode="rows", given=[0, 1])
        self.assertEqual((run.value, run.rows), ([5], [(2, 1)]))
        run = self.bad("main.mjs:1: row 1: Error: late", "export default async (row) => { if (row) { setTimeout(() => { throw new Error('late'); }); await new Promise((d) => setTimeout(d, 50)); } return 5; }",
                       mode="rows", given=[0, 1])
        self.assertEqual((run.value, run.rows), ([5], [(2, 1)]))

    def test_as_csv(self):
        code = "export default (row) => { const r = { n: row, t: 'a\"b\\nc' }; if (row > 3000) r.late = 1; if (row === 4000) r.last = 'é'; return r; }"
        run = self.good(code, mode="rows", given=list(range(5000)), result={"format": "csv"})
        found = list(csv.reader(io.StringIO(run.result, newline="")))
        self.assertEqual(found[0], ["n", "t", "late", "last"])
        self.assertEqual(found[1:], [[str(n), 'a"b\nc', "1" if n > 3000 else "", "é" if n == 4000 else ""] for n in range(5000)])

    def test_checkpoint_column(self):
        run = self.good("export default (row) => ({ id: row })", mode="rows", given=[5, 9], checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [{"type": "checkpoint", "value": 9}])
        run = self.good("export default () => [{ id: new Date(0) }]", checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [{"type": "checkpoint", "value": "1970-01-01T00:00:00.000Z"}])
        self.assertEqual(self.good("export default () => []", checkpoint={"column": "id"}).of("checkpoint"), [])
        self.bad("main.mjs: the last row of the result has no column 'id' for the checkpoint", "export default () => [{ a: 1 }]", checkpoint={"column": "id"})
        self.bad("main.mjs: 'checkpoint: {column: id}' needs an array of objects as the result", "export default () => 5", checkpoint={"column": "id"})

    def test_a_million_rows_stay_small(self):
        text = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(1_000_000))
        code = ("import fs from 'node:fs';\nexport default (row) => {\n  if (row.id === '999999') console.log(/VmHWM.*/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[0]);\n"
                "  return { id: row.id };\n}")
        run = self.good(code, mode="rows", kind="csv", given=text)
        self.assertEqual(len(run.value), 1_000_000)
        self.assertLess(int(re.search(r"VmHWM:\s*(\d+) kB", run.stdout).group(1)), 200_000)


class Helper(Harness):
    CODE = (
        "bobbin.log.trace('a'); bobbin.log.debug('n = %d, %j', 1, [2]); bobbin.log.info('é\\n\"'); bobbin.log.warn({ a: 1 }); bobbin.log.warning('w2');\n"
        "bobbin.log.error('e'); bobbin.progress(0.4, 'text'); bobbin.progress(2); bobbin.message('all done');\n"
        "bobbin.checkpoint({ last: 17, d: new Date(0) }); bobbin.checkpoint(null);\n"
        "try { bobbin.progress(NaN); throw 5; } catch (error) { if (!(error instanceof TypeError)) throw error; }\n"
        "console.log(JSON.stringify(bobbin.lastCheckpoint()));\n")
    EVENTS = [
        {"type": "log", "level": "trace", "message": "a"}, {"type": "log", "level": "debug", "message": "n = 1, [2]"},
        {"type": "log", "level": "info", "message": 'é\n"'}, {"type": "log", "level": "warn", "message": "{ a: 1 }"},
        {"type": "log", "level": "warn", "message": "w2"}, {"type": "log", "level": "error", "message": "e"},
        {"type": "progress", "value": 0.4, "text": "text"}, {"type": "progress", "value": 1}, {"type": "message", "text": "all done"},
        {"type": "checkpoint", "value": {"last": 17, "d": "1970-01-01T00:00:00.000Z"}}, {"type": "checkpoint", "value": None}]

    def test_events(self):
        for entry, start in ("main.mjs", "import bobbin from 'bobbin';\n"), ("main.cjs", "const bobbin = require('bobbin');\n"), \
                ("main.mjs", "import * as bobbin from 'bobbin';\n"):
            for fifo in False, True:
                run = self.good(start + self.CODE, entry=entry, plain=True, fifo=fifo, env={"BOBBIN_CHECKPOINT": '{"last":[1]}'})
                self.assertEqual(run.events, self.EVENTS)
                self.assertEqual((run.stdout, run.stderr), ('{"last":[1]}\n', ""))

    def test_without_bobbin(self):
        code = ("import { log, progress, message, checkpoint, lastCheckpoint } from 'bobbin';\nlog.warn('w'); progress(0.5); message('m'); checkpoint(1);\n"
                "console.log(lastCheckpoint());")
        os.mkfifo(self.bundle / "f")
        for events in None, "/nowhere/at/all", str(self.bundle / "f"):
            run = self.good(code, plain=True, env={"BOBBIN_EVENTS": events})
            self.assertEqual((run.stdout, run.stderr), ("null\n", "warn: w\n"))

    def test_long_lines_are_cut(self):
        run = self.good("import { log } from 'bobbin';\nfor (const x of ['x', '\"', 'é', '\\n', '😀', '\\ud800']) log.info(x.repeat(1e6));", plain=True, fifo=True)
        self.assertEqual(len(run.events), 6)
        for event in run.events:
            self.assertTrue(event["message"].endswith(" [cut]"))
            self.assertGreater(len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()), 50_000)
        run = self.run_script("import { checkpoint } from 'bobbin';\ncheckpoint('x'.repeat(70000));", plain=True)
        self.assertIn("a checkpoint may have at most 65536 bytes", run.stderr)

    def test_threads(self):
        code = ("import bobbin from 'bobbin';\nimport { Worker, isMainThread } from 'node:worker_threads';\nimport { fileURLToPath } from 'node:url';\n"
                "if (isMainThread) for (let i = 0; i < 4; i += 1) new Worker(fileURLToPath(import.meta.url));\n"
                "for (let i = 0; i < 200; i += 1) bobbin.log.info('x'.repeat(1000));")
        run = self.good(code, plain=True, fifo=True)
        self.assertEqual([event["message"] for event in run.events], ["x" * 1000] * 1000)

    def test_each_line_is_one_write(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        trace = Path(self.place.name) / "trace"
        os.mkfifo(self.bundle / "f")
        keep = os.open(self.bundle / "f", os.O_RDWR)
        self.addCleanup(os.close, keep)
        self.write("main.cjs", "const { log } = require('bobbin'); log.info('one'); log.info('y'.repeat(30000));\n")
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=write", "-s", "20", "node", "main.cjs"], cwd=self.bundle, check=True,
                       env={"PATH": os.environ["PATH"], "BOBBIN_EVENTS": str(self.bundle / "f")})
        writes = [line for line in trace.read_text().splitlines() if '{\\"type\\"' in line or "yyyy" in line]
        self.assertEqual(len(writes), 2, writes)

    def test_a_full_pipe_makes_it_wait(self):
        events = self.bundle / "f"
        os.mkfifo(events)
        keep = os.open(events, os.O_RDWR)
        self.addCleanup(os.close, keep)
        self.write("main.cjs", "const { log } = require('bobbin'); for (let i = 0; i < 300; i += 1) log.info('z'.repeat(1000));\n")
        process = subprocess.Popen(["node", "main.cjs"], cwd=self.bundle, env={"PATH": os.environ["PATH"], "BOBBIN_EVENTS": str(events)})
        read = b""
        while read.count(b"\n") < 300:
            read += os.read(keep, 1 << 16)
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(all(json.loads(line)["message"] == "z" * 1000 for line in read.splitlines()))

    def test_closed_descriptors(self):
        run = self.good("import bobbin from 'bobbin';\nimport fs from 'node:fs';\nbobbin.log.info('1');\n"
                        "for (const fd of fs.readdirSync('/proc/self/fd')) { try { if (fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith('events')) fs.closeSync(Number(fd)); } catch {} }\n"
                        "const other = fs.openSync('other', 'w');\nbobbin.log.info('2'); fs.writeSync = null; bobbin.log.info('3');", plain=True, fifo=True)
        self.assertEqual([event["message"] for event in run.events], ["1", "2", "3"])
        self.assertEqual((self.bundle / "other").read_text(), "")


if __name__ == "__main__":
    unittest.main()
