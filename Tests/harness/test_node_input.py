"""The input of Node scripts: CSV, JSON and JSON lines, and what is none of them."""

import csv
import io
import json
import unittest

from node_bundle import HarnessTest


class InputTests(HarnessTest):
    ECHO = "export default (input) => input;"

    def test_csv(self):
        text = '\ufeffid,name,"the price",code\r\n1,Ann,2.5,x\r\n2,"O""Neil, Zoë",,\r\n\r\n3,"two\r\nlines"\r\n4,5" pipe\n'
        self.assertEqual(
            self.good(self.ECHO, given=text, kind="csv").value,
            [{"id": "1", "name": "Ann", "the price": "2.5", "code": "x"},
             {"id": "2", "name": 'O"Neil, Zoë', "the price": "", "code": ""},
             {"id": "3", "name": "two\r\nlines", "the price": None, "code": None},
             {"id": "4", "name": '5" pipe', "the price": None, "code": None}])
        for text in "", "a,b\n", "a,b":
            self.assertEqual(self.good(self.ECHO, given=text, kind="csv").value, [])
        run = self.good("export default (input) => Object.keys(input[0])", given="__proto__,constructor\n1,2\n", kind="csv")
        self.assertEqual(run.value, ["__proto__", "constructor"])

    def test_bad_csv(self):
        for text, reason in {
            "a,b\n1,2\n1,2,3\n": ":3: 3 fields, but the header has 2", 'a,b\n1,"x\ny"\n"1"2,3\n': ":4: text behind a closing quote",
            'a\n1\n"x\n\n': ":3: a quote that is never closed", b"a\n1\n\xff\n": ":3: not UTF-8",
            "a,a\n": ":1: the column 'a' comes twice",
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
            "": "1: not JSON: it ends too soon", "[1,\n2,\n]": "3: not JSON: unexpected ]",
            '{"a":1,\n"b"}': "2: not JSON: unexpected }",
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


if __name__ == "__main__":
    unittest.main()
