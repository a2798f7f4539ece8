"""The results of Node scripts: values as JSON, and rows as CSV."""

import re
import unittest

from node_bundle import HarnessTest


class FormTests(HarnessTest):
    """What is JSON or CSV, and what is not."""

    def test_forms(self):
        cases = {
            "1": 1, "NaN": None, "-0": 0, "undefined": None, "null": None, "[undefined, , 1]": [None, None, 1],
            "{ a: undefined, b: 1 }": {"b": 1},
            "new Date(0)": "1970-01-01T00:00:00.000Z", "new Date(NaN)": None, "12n": 12, "2n ** 53n": "9007199254740992",
            "-(2n ** 70n)": "-1180591620717411303424",
            "Buffer.from('hi')": "aGk=", "new Uint8Array([1, 2, 255]).subarray(1)": "Av8=", "new Uint8Array([1]).buffer": "AQ==",
            "new Float64Array([1.5, NaN])": [1.5, None], "new URL('http://a/b')": "http://a/b",
            "{ toJSON() { return { x: 1n }; } }": {"x": 1},
            "new Number(5)": 5, "new String('x')": "x", "Object.create(null, { a: { value: 1, enumerable: true } })": {"a": 1},
            "new (class P { x = 1; #y = 2; get z() { return 3; } })()": {"x": 1}, "{ [Symbol('s')]: 1, a: 1 }": {"a": 1},
            "'\\\\ud800'": "\\ud800",
            "'😀'": "😀", "{ a: { b: [{ c: new Date(5) }] } }": {"a": {"b": [{"c": "1970-01-01T00:00:00.005Z"}]}},
            "(() => { const x = { a: 1 }; return [x, x]; })()": [{"a": 1}, {"a": 1}],
            "JSON.parse('{\"__proto__\":1,\"a\":2n}'.replace('n', ''))": {"__proto__": 1, "a": 2},
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
            "(() => { let x = []; for (let i = 0; i < 70; i += 1) x = [x]; return x; })()":
                "result" + "[0]" * 60 + ": cannot be JSON: more than 60 levels",
            "['\\ud800x']": "result[0]: cannot be JSON: a text with half of a surrogate pair",
        }
        run = self.run_script("const all = [\n" + ",\n".join(f"() => ({text})" for text in cases)
                              + "];\nexport default (row) => all[row]();",
                              mode="rows", on_row_error="continue", given=list(range(len(cases))))
        told = re.findall(r"^Row \d+: (.*)$", run.stderr, re.M)
        self.assertEqual(told, list(cases.values()))
        self.assertEqual(run.reason, f"{len(cases)} of {len(cases)} rows failed; first: main.mjs: row 0: {told[0]}")
        run = self.bad("main.mjs: result.items[1].price: cannot be JSON: Infinity",
                       "export default () => ({ items: [1, { price: Infinity }] })")
        self.assertEqual(run.result, "")
        self.bad("main.mjs: result[2500].x: cannot be JSON: Infinity",
                 "export default () => Array.from({ length: 3000 }, (_, i) => ({ x: i === 2500 ? Infinity : i }))")

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


if __name__ == "__main__":
    unittest.main()
