"""The main of Python scripts: how it is found and called, the input it gets, and what failures say."""

import textwrap
import unittest

from python_bundle import HarnessTest


class MainTests(HarnessTest):
    def test_input_and_result(self):
        outcome = self.run_entry("def main(input): return {'got': input, 'ü': 1.5}", input={"a": [1, None, "é"]})
        self.assert_result({"got": {"a": [1, None, "é"]}, "ü": 1.5}, outcome)
        self.assertIn("ü", outcome.text)

    def test_without_input_it_is_none(self):
        self.assert_result([True], self.run_entry("def main(input): return [input is None]"))

    def test_nothing_returned_is_null(self):
        self.assert_result(None, self.run_entry("def main(input): pass"))

    def test_async_is_awaited(self):
        source = """
            import asyncio
            async def main(input):
                await asyncio.sleep(0)
                return input + 1
            """
        self.assert_result(2, self.run_entry(source, input=1))

    def test_returned_coroutine_is_awaited(self):
        self.assert_result(1, self.run_entry("async def other(): return 1\ndef main(input): return other()"))

    def test_ways_of_taking_one_argument(self):
        for main in ("def main(a, b=2): return 1", "def main(*a): return 1", "main = lambda x: 1",
                     "def main(a, *, k=1): return 1", "import functools\nmain = functools.partial(lambda a, b: 1, 2)",
                     "class C:\n    def __call__(self, x): return 1\nmain = C()", "main = len", "def main(**k): return 1"):
            with self.subTest(main):
                outcome = self.run_entry(main, input=[5])
                if "**k" in main:
                    self.assert_failed("main.py:1: main takes no argument; wanted: def main(input)", outcome)
                else:
                    self.assert_result(1, outcome)

    def test_ways_of_not_taking_one_argument(self):
        wanted = "wanted: def main(input)"
        for main, reason in {
            "\ndef main(a, b): pass": f"main.py:2: main takes 2 arguments (a, b); {wanted}",
            "def main(): pass": f"main.py:1: main takes no argument; {wanted}",
            "def main(a, *, key): pass": f"main.py:1: main cannot be called without key; {wanted}",
            "main = 3": f"main.py: 'main' is no function but of type int; {wanted}",
            "def run(x): pass": f"main.py: there is no 'main'; {wanted}; it defines run",
            "class main:\n    def __init__(self, a, b): pass":
                f"main.py: main(a, b) cannot be called with one argument: missing a required argument: 'b'; {wanted}",
        }.items():
            with self.subTest(main):
                self.write("main.py", main)
                self.assert_failed(reason, self.run_entry(None))

    def test_main_only_under_if_name(self):
        outcome = self.run_entry("if __name__ == '__main__':\n    def main(i): pass")
        self.assertIn("is not run, for __name__ is \"__bobbin__\"", outcome.reason)

    def test_what_stands_under_if_name_does_not_run(self):
        outcome = self.run_entry("def main(i): return __name__\nif __name__ == '__main__':\n    1/0")
        self.assert_result("__bobbin__", outcome)

    def test_traceback_is_of_the_script_alone(self):
        source = """
            def inner(x):
                return 1 / x

            def main(input):
                return inner(0)
            """
        outcome = self.run_entry(source)
        self.assert_failed("main.py:2: ZeroDivisionError: division by zero", outcome)
        self.assertTrue(outcome.stderr.startswith(
            f'Traceback (most recent call last):\n  File "{self.bundle}/main.py", line 5, in main\n    return inner(0)\n'))
        self.assertEqual(outcome.stderr.count("File "), 2)

    def test_async_traceback_is_of_the_script_alone(self):
        outcome = self.run_entry("async def main(input):\n    raise KeyError('x')")
        self.assert_failed("main.py:2: KeyError: 'x'", outcome)
        self.assertEqual(outcome.stderr.count("File "), 1)

    def test_causes_have_no_frames_of_the_harness(self):
        source = """
            def main(input):
                try:
                    1 / 0
                except ZeroDivisionError as error:
                    raise ValueError('second') from error
            """
        outcome = self.run_entry(source)
        self.assert_failed("main.py:5: ValueError: second", outcome)
        self.assertIn("direct cause", outcome.stderr)

    def test_failure_in_a_module_of_the_bundle(self):
        self.write("lib/tool.py", "import json\ndef read(x):\n    return json.loads(x)\n")
        outcome = self.run_entry("from lib import tool\ndef main(i): return tool.read('{')")
        self.assertRegex(outcome.reason, r"^lib/tool\.py:3: json\.decoder\.JSONDecodeError: Expecting property name")

    def test_syntax_errors(self):
        for source, reason in {
            b"x = 1\ndef main(:\n": "main.py:2: SyntaxError: invalid syntax",
            b"import other\n": "other.py:2: SyntaxError: expected ':'",
            b"def main(i):\n  return 1\n return 2\n":
                "main.py:3: IndentationError: unindent does not match any outer indentation level",
            b"x = 1\ny = '\xfc'\n":
                "main.py:2: SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xfc in position 0: invalid start byte",
            b"x = 1\nreturn x\n": "main.py:2: SyntaxError: 'return' outside function",
        }.items():
            with self.subTest(source):
                self.write("other.py", "x = 1\nif x\n")
                self.write("main.py", source)
                self.assert_failed(reason, self.run_entry(None))

    def test_nul_in_the_source(self):
        self.write("main.py", b"x = 1\0\n")
        self.assertIn("null bytes", self.run_entry(None).reason)

    def test_coding_cookie(self):
        self.write("main.py", "# coding: latin-1\ndef main(i): return 'ü'\n".encode("latin-1"))
        self.assert_result("ü", self.run_entry(None))

    def test_entry_is_not_there(self):
        self.assert_failed("none.py: the entry cannot be read: No such file or directory", self.run_entry(entry="none.py"))

    def test_entry_in_a_subdirectory(self):
        self.write("src/near.py", "VALUE = 7")
        source = """
            import sys, os, near
            def main(i): return [near.VALUE, sys.argv, sys.path[0], os.getcwd(), __file__]
            """
        path = str(self.bundle)
        self.assert_result([7, ["src/go.py", "a", "-b"], f"{path}/src", path, f"{path}/src/go.py"],
                           self.run_entry(source, entry="src/go.py", args=["a", "-b"]))

    def test_entry_that_begins_with_a_dash(self):
        self.assert_result(1, self.run_entry("def main(i): return 1", entry="-x.py"))

    def test_the_harness_is_out_of_sight(self):
        source = """
            import os, sys
            def main(i):
                return [
                    [name for name in sys.modules if name not in BARE and not name.endswith('__')],
                    [place for place in sys.path if place.endswith('/run')],
                    'BOBBIN_HARNESS' in os.environ,
                    sys.modules['__main__'].__file__, sys.modules[__name__].__file__]
            """
        path = f"{self.bundle}/main.py"
        bare = self.run_entry("import sys\nprint(list(sys.modules))", plain=True).stdout
        # _json is C, and nobody's file has that name.
        self.assert_result([[], [], False, path, path],
                           self.run_entry(f"BARE = {bare.strip()} + ['_json']\n{textwrap.dedent(source)}"))

    def test_pickle_and_dataclasses_find_the_module(self):
        source = """
            from __future__ import annotations
            import pickle
            from dataclasses import dataclass
            @dataclass
            class P:
                x: int
            def main(i): return pickle.loads(pickle.dumps(P(3)))
            """
        self.assert_result({"x": 3}, self.run_entry(source))

    def test_modules_of_the_bundle_that_are_named_as_the_library_s(self):
        for name in ("json", "csv", "re", "signal", "inspect", "warnings", "datetime", "traceback", "enum"):
            self.write(f"{name}.py", "MINE = 1")
        source = """
            import json, csv, re, signal, inspect, datetime
            def main(i): return json.MINE + csv.MINE + re.MINE + signal.MINE + inspect.MINE + float('nan')
            """
        self.assert_result(None, self.run_entry(source))
        self.assertEqual(self.run_entry("import json\ndef main(i): return {json.MINE}").code, 1)

    def test_bad_input(self):
        for content, reason in {
            b'{"a": 1,\n "b": x}': "in.json:2: the input is not JSON: line 2, column 7: a value is missing",
            b'{"a": 1,\n "b" 2}': "in.json:2: the input is not JSON: line 2, column 6: Expecting ':' delimiter",
            b"": "in.json:1: the input is not JSON: line 1, column 1: a value is missing",
            b"[1] 2": "in.json:1: the input is not JSON: line 1, column 5: more after the value's end",
            b'["a", 1e400]': "in.json: the input is not JSON: the number 1e400 is too large",
            b"[-1e999]": "in.json: the input is not JSON: the number -1e999 is too large",
            b"[NaN]": "in.json: the input is not JSON: NaN is no JSON",
            b'["\n\xff"]': "in.json:2: the input is not UTF-8: byte 0xff",
            b"[" * 100000: "in.json: the input is not JSON: nested too deeply",
        }.items():
            with self.subTest(content[:20]):
                self.write("in.json", content)
                self.assert_failed(reason, self.run_entry("def main(i): return 1", input=("in.json", "json")))

    def test_number_with_too_many_digits(self):
        self.write("in.json", "1" * 5000)
        self.assertIn("has 5000 digits", self.run_entry("def main(i): return 1", input=("in.json", "json")).reason)

    def test_input_with_a_mark_and_space(self):
        self.write("in.json", b"\xef\xbb\xbf \n [1] \r\n")
        self.assert_result([1], self.run_entry("def main(i): return i", input=("in.json", "json")))

    def test_bulk_of_csv_and_json_lines(self):
        self.write("r.csv", 'a,b\n1,"x\ny"\n2\n')
        self.assert_result([{"a": "1", "b": "x\ny"}, {"a": "2", "b": None}],
                           self.run_entry("def main(i): return i", input=("r.csv", "csv")))
        self.write("r.jsonl", '{"a": 1}\n\n [2] \n')
        self.assert_result([{"a": 1}, [2]], self.run_entry("def main(i): return i", input=("r.jsonl", "jsonl")))


if __name__ == "__main__":
    unittest.main()
