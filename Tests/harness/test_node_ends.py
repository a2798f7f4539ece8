"""The ends of Node scripts: what failures say, exits, and what a script breaks in the process it shares."""

import signal
import unittest

from node_bundle import HarnessTest


class EndTests(HarnessTest):
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
            "main.mjs:2: Mine: a b":
                "class Mine extends Error { name = 'Mine'; }\nexport default () => { throw new Mine('a\\n b'); }",
            "main.mjs:1: Error: late": "export default () => { setTimeout(() => { throw new Error('late'); }, 5); return 1; }",
            "main.mjs:1: Error: forgotten":
                "export default () => { Promise.reject(new Error('forgotten')); return new Promise((done) => setTimeout(done, 50)); }",
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
        run = self.bad("main.mjs:1: Error: outer", "export default () => { throw Object.assign("
                       "new Error('outer', { cause: new Error('inner') }), { code: 'E5' }); }")
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
        run = self.good("export default () => { setTimeout(() => process.exit(0), 5); return new Promise(() => {}); }")
        self.assertEqual(run.result, "")

    def test_what_never_ends(self):
        self.bad("main.mjs: main never settled: nothing is left that could end its waiting",
                 "export default () => new Promise(() => {});")
        self.bad("main.mjs: the module never finished loading: nothing is left that could end its waiting",
                 "await new Promise(() => {});\nexport default () => 1;")

    def test_hostile_scripts(self):
        end = "\nexport default () => ({ a: [1, 'x'] });"
        for code in (
            "JSON.stringify = () => '\"mine\"'; JSON.parse = null;",
            "process.stdout.write = () => {}; process.exit = () => {}; console.log = null;",
            "import fs from 'node:fs'; for (const name of ['writeSync', 'openSync', 'readSync', 'closeSync']) "
            "fs[name] = () => { throw 1; };",
            "import fs from 'node:fs'; for (let fd = 3; fd < 20; fd += 1) { try { fs.fstatSync(fd); "
            "if (fs.statSync(`/proc/self/fd/${fd}`).isFile()) fs.closeSync(fd); } catch {} }",
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
        run = self.run_script("export default () => { const e = new Error('x'); "
                              "Object.defineProperty(e, 'stack', { get() { throw 1; } }); throw e; }")
        self.assertEqual((run.code, run.reason), (1, "main.mjs: Error: x"))
        run = self.run_script("export default () => { throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } }); }")
        self.assertEqual(run.code, 1)
        self.assertTrue(run.reason.startswith("main.mjs: "), run.reason)

    def test_the_scripts_own_handler_has_the_last_word(self):
        run = self.good("process.on('uncaughtException', () => console.log('mine'));\n"
                        "export default () => { setTimeout(() => { throw 1; }, 1); "
                        "return new Promise((done) => setTimeout(() => done(5), 30)); }")
        self.assertEqual((run.value, run.stdout), (5, "mine\n"))

    def test_a_result_over_the_limit_ends_by_its_signal(self):
        run = self.run_script("export default () => 'x'.repeat(1e6)", limit=100_000)
        self.assertEqual(run.code, -signal.SIGXFSZ)


if __name__ == "__main__":
    unittest.main()
