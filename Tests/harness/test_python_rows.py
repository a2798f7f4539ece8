"""A Python script that is called once for each row: what it reads, what it writes, and rows that fail."""

import json
import unittest

from python_bundle import HarnessTest


class RowTests(HarnessTest):
    DIVIDE = "def main(item):\n    return 10 / item['n']"
    ITEMS = [{"n": 1}, {"n": 0}, {"n": 2}, {"n": 0}]

    def run_rows(self, source, input, **more):
        return self.run_entry(source, input=input, mode="rows", **more)

    def test_main(self):
        outcome = self.run_rows(self.DIVIDE, [{"n": 1}, {"n": 2}])
        self.assert_result([10.0, 5.0], outcome)
        self.assertEqual(outcome.events, [{"type": "rows", "total": 2, "failed": 0}])

    def test_async_main_has_one_loop(self):
        source = """
            import asyncio
            loops = set()
            async def main(item):
                await asyncio.sleep(0)
                loops.add(asyncio.get_running_loop())
                return len(loops)
            """
        self.assert_result([1, 1, 1], self.run_rows(source, [1, 2, 3]))

    def test_returned_coroutines(self):
        self.assert_result([1, 2], self.run_rows("async def f(i): return i\ndef main(i): return f(i)", [1, 2]))

    def test_statement(self):
        source = """
            await sleep(0)
            return [{"n": item["n"], "of": len(INPUT_DATA)} for item in INPUT_DATA] * INPUT_DATA[0]["n"]
            """
        outcome = self.run_rows(source, [{"n": 1}, {"n": 0}, {"n": 2}], call="statement")
        self.assert_result([{"n": 1, "of": 1}, {"n": 2, "of": 1}, {"n": 2, "of": 1}], outcome)

    def test_statement_with_asyncio(self):
        source = "import asyncio\nawait asyncio.sleep(0)\nreturn INPUT_DATA"
        self.assert_result([{"a": 1}, {"a": 2}], self.run_rows(source, [{"a": 1}, {"a": 2}], call="statement"))

    def test_forgotten_coroutine_in_a_row(self):
        outcome = self.run_rows("if INPUT_DATA[0]['n'] == 0: sleep(1)\nreturn []", self.ITEMS, call="statement")
        self.assertIn("main.py:1: row 1: the coroutine 'sleep' was never awaited", outcome.reason)

    def test_stop(self):
        outcome = self.run_rows(self.DIVIDE, self.ITEMS)
        self.assertEqual((outcome.code, outcome.result), (1, [10.0]))
        self.assertEqual(outcome.events, [
            {"type": "rows", "total": 2, "failed": 1},
            {"type": "failure", "reason": "main.py:2: row 1: ZeroDivisionError: division by zero"}])
        self.assertIn("Traceback", outcome.stderr)
        self.assertNotIn("harness", outcome.stderr)
        self.assertTrue(outcome.stderr.endswith("main.py:2: row 1: ZeroDivisionError: division by zero\n"))

    def test_continue(self):
        outcome = self.run_rows(self.DIVIDE, self.ITEMS, on_row_error="continue")
        self.assertEqual((outcome.code, outcome.result), (1, [10.0, 5.0]))
        reason = "2 of 4 rows failed; first: main.py:2: row 1: ZeroDivisionError: division by zero"
        self.assertEqual(outcome.events, [{"type": "rows", "total": 4, "failed": 2}, {"type": "failure", "reason": reason}])
        self.assertEqual(outcome.stderr.count("Traceback"), 2)
        self.assertIn("row 3: ZeroDivisionError", outcome.stderr)

    def test_continue_shows_the_first_twenty(self):
        outcome = self.run_rows("def main(i): raise ValueError(i)", list(range(50)), on_row_error="continue")
        self.assertEqual((outcome.stderr.count("Traceback"), outcome.result), (20, []))
        self.assertIn("tracebacks of the first 20 failed rows are above; more are not shown\n", outcome.stderr)
        self.assertTrue(outcome.reason.startswith("50 of 50 rows failed; first: main.py:1: row 0: ValueError: 0"))

    def test_a_row_that_cannot_be_json(self):
        outcome = self.run_rows("def main(i): return {'v': 1e308 * i}", [1, 10, 0.5], on_row_error="continue")
        self.assertEqual(outcome.reason, "1 of 3 rows failed; first: main.py:1: row 1: result.v: cannot be JSON: inf")
        self.assertEqual(len(outcome.result), 2)

    def test_no_rows(self):
        for content, kind in (("[]", "json"), (" [ ] ", "json"), ("", "csv"), ("a,b\n", "csv"), ("\n \n", "jsonl")):
            with self.subTest(content):
                self.write("rows", content)
                outcome = self.run_rows("def main(i): return i", ("rows", kind))
                self.assertEqual((outcome.code, outcome.text), (0, "[]\n"))

    def test_input_that_is_no_list(self):
        wanted = "the input is not a list; 'mode: rows' calls once for each item of one"
        self.write("in.json", '{"a": 1}')
        self.assert_failed(f"in.json: {wanted}", self.run_rows("def main(i): return i", ("in.json", "json")), result="[]\n")
        self.assert_failed("main.py:1: there is no input; 'mode: rows' calls once for each item of a list",
                           self.run_entry("def main(i): return i", mode="rows"))

    def test_exit_in_a_row(self):
        for code in (0, 3):
            outcome = self.run_rows(f"import sys\ndef main(i): return i if i < 3 else sys.exit({code})", [1, 2, 3, 4])
            self.assertEqual((outcome.code, outcome.result), (code, [1, 2]))
            self.assertEqual(outcome.reason, "main.py:2: exit code 3" if code else None)

    def test_json_lists_in_pieces(self):
        items = [{"n": n, "t": "ü\\\"]," * (n % 50), "x": [n, n * 1.5, -n, {"y": None}]} for n in range(30000)] + ["x" * 3000000, 12]
        for text in (json.dumps(items), json.dumps(items, indent=1, ensure_ascii=False)):
            self.write("in.json", text.encode())
            outcome = self.run_rows("def main(i): return i", ("in.json", "json"))
            self.assertEqual(outcome.code, 0, outcome.stderr)
            self.assertTrue(outcome.result == items)

    def test_numbers_at_the_edge_of_a_piece(self):
        for size in range((1 << 20) - 9, (1 << 20) + 2):
            self.write("in.json", '["' + "x" * size + '",12345 , -1.5e3]')
            self.assertEqual(self.run_rows("def main(i): return i", ("in.json", "json")).result[1:], [12345, -1500.0])

    def test_bad_json_lists(self):
        for content, reason, kept in (
            ("[1,\n2,\n3 4]", "in.json:3: the input is not JSON: ',' or ']' is missing", [1, 2, 3]),
            ("[1,\n2,\n]", "in.json:3: the input is not JSON: a value is missing", [1, 2]),
            ("[1,\n{]", "in.json:2: the input is not JSON: Expecting property name enclosed in double quotes", [1]),
            ("[1", "in.json:1: the input is not JSON: ',' or ']' is missing", [1]),
            ("[1]\n2", "in.json:2: the input is not JSON: more after the list's end", [1]),
            ("[1,\n1e400]", "in.json: the input is not JSON: the number 1e400 is too large", [1]),
        ):
            with self.subTest(content):
                self.write("in.json", content)
                outcome = self.run_rows("def main(i): return i", ("in.json", "json"))
                self.assertEqual((outcome.code, outcome.reason, outcome.result), (1, reason, kept))

    def test_csv_input(self):
        self.write("r.csv", b'\xef\xbb\xbfid,name\r\n1,"a ""b"", c\r\nd"\r\n\r\n2\r\n3,\xc3\xbc\r\n')
        outcome = self.run_rows("def main(i): return i", ("r.csv", "csv"))
        self.assert_result([{"id": "1", "name": 'a "b", c\r\nd'}, {"id": "2", "name": None}, {"id": "3", "name": "ü"}], outcome)

    def test_bad_csv(self):
        for content, reason in {
            b"a,b\n1,2\n1,2,3\n": "r.csv:3: 3 fields where the header has 2",
            b'a,b\n"x\ny",2\n1,2,3\n': "r.csv:4: 3 fields where the header has 2",
            b"a,a\n": "r.csv:1: the header has 'a' twice",
            b"a,b\n1,\xff\n": "r.csv:2: the input is not UTF-8",
            b'a,b\n1,"2\n3\n': "r.csv:2: not CSV: unexpected end of data",
            b'a,b\n1,"2"3\n': "r.csv:2: not CSV: ',' expected after '\"'",
        }.items():
            with self.subTest(content):
                self.write("r.csv", content)
                outcome = self.run_rows("def main(i): return i", ("r.csv", "csv"), on_row_error="continue")
                self.assertEqual((outcome.code, outcome.reason), (1, reason))
                self.assertIsInstance(outcome.result, list)

    def test_a_long_field(self):
        self.write("r.csv", "a\n" + "x" * 300000 + "\n")
        self.assertEqual(self.run_rows("def main(i): return len(i['a'])", ("r.csv", "csv")).result, [300000])

    def test_bad_json_lines(self):
        for content, reason in {
            b'1\n\n{"a"\n': "r.jsonl:3: not JSON: line 1, column 5: Expecting ':' delimiter",
            b"1\n2 3\n": "r.jsonl:2: not JSON: line 1, column 2: more after the value's end",
            b"1\n\xff\n": "r.jsonl:2: the input is not UTF-8",
            b"1\n1e400": "r.jsonl:2: not JSON: the number 1e400 is too large",
        }.items():
            with self.subTest(content):
                self.write("r.jsonl", content)
                outcome = self.run_rows("def main(i): return i", ("r.jsonl", "jsonl"))
                self.assertEqual((outcome.code, outcome.reason, outcome.result), (1, reason, [1]))

    def test_missing_input_file(self):
        outcome = self.run_rows("def main(i): return i", ("none.csv", "csv"))
        self.assertEqual(outcome.reason, "none.csv: the input cannot be read: No such file or directory")

    def test_csv_result(self):
        source = "def main(i): return {'n': i} if i < 3 else {'n': i, 'late': 'x,\\n'}"
        outcome = self.run_rows(source, [1, 2, 3, 4], result={"format": "csv"})
        self.assertEqual((outcome.code, outcome.text), (0, 'n,late\n1,\n2,\n3,"x,\n"\n4,"x,\n"\n'), outcome.stderr)
        outcome = self.run_rows("def main(i): return [i] if i == 2 else {'n': i}", [1, 2, 3], result={"format": "csv"},
                                on_row_error="continue")
        self.assertEqual((outcome.code, outcome.text), (1, "n\n1\n3\n"))
        # An object without a key has no header to be under yet.
        outcome = self.run_rows("def main(i): return {} if i == 1 else {'a': i, 'b': i}", [1, 2], result={"format": "csv"})
        self.assertEqual((outcome.code, outcome.text), (0, "a,b\n,\n2,2\n"))

    def test_many_rows_need_little_memory(self):
        with open(self.bundle / "r.csv", "w") as file:
            file.write("id,name,price\n")
            for n in range(200000):
                file.write(f"{n},some name {n},{n * 1.5}\n")
        source = """
            def main(item):
                if item["id"] == "199999":  # not ru_maxrss: that begins with what the parent had when it forked
                    return [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
                return item
            """
        outcome = self.run_rows(source, ("r.csv", "csv"))
        self.assertLess(outcome.result[-1], 40 * 1024)  # KiB; 1,000,000 rows need the same


if __name__ == "__main__":
    unittest.main()
