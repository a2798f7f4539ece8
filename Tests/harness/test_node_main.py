"""The main of Node scripts: how it is exported, found and called, and what the script sees."""

import unittest

from node_bundle import HarnessTest


class MainTests(HarnessTest):
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
        run = self.good("export default (input) => input", given={"é": ["😀", 1.5, None, True]})
        self.assertEqual(run.result, '{"é":["😀",1.5,null,true]}\n')

    def test_what_the_script_sees(self):
        run = self.good(
            "import path from 'node:path';\n"
            "export default () => [process.argv.length, path.basename(process.argv[1]), process.argv.slice(2),\n"
            "  process.env.BOBBIN_HARNESS ?? 'none', path.basename(process.cwd()), path.basename(import.meta.url)]", ["a b", "-x"])
        self.assertEqual(run.value, [4, "main.mjs", ["a b", "-x"], "none", "bundle", "main.mjs"])

        odd = ["", "-e", "--version", "--", "ü", "x y'\""]
        self.assertEqual(self.good("export default () => process.argv.slice(2)", odd, entry="a b ü.mjs").value, odd)

    def test_top_level_await_and_timers(self):
        run = self.good("const wait = (ms) => new Promise((done) => setTimeout(done, ms));\nawait wait(5);\n"
                        "export default async () => { setTimeout(() => console.log('later'), 30); await wait(5); return 1; }")
        self.assertEqual((run.value, run.stdout), (1, "later\n"))

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
        self.bad("main.mjs:1: 'main' is a generator function; return an array instead of yielding its elements",
                 "export function* main() { yield 1; }")
        self.bad("main.cjs: there is no 'main'" + wanted, "exports = () => 1;", entry="main.cjs")

    def test_script(self):
        self.assertEqual(self.good("console.log(process.argv[2]);", ["x"], call="script").stdout, "x\n")


if __name__ == "__main__":
    unittest.main()
