"""The results of Python scripts: values as JSON, a variable as the result or as CSV, a column as the checkpoint."""

import json
import unittest

from python_bundle import HarnessTest, needs_numpy, needs_pandas


class FormTests(HarnessTest):
    """What is JSON, and what is not."""

    def form(self, expression, before=""):
        return self.run_entry(f"{before}\ndef main(i):\n    return {expression}")

    def test_forms(self):
        for before, expression, expected in (
            ("", "[float('nan'), None, 1.5, True, 10**30]", [None, None, 1.5, True, 10**30]),
            ("", "{1: 1, 1.5: 2, True: 3, None: 4, 'x': (1, (2,))}",
             {"1": 3, "1.5": 2, "null": 4, "x": [1, [2]]}),
            ("", "{1: float('nan'), 1.5: 2, None: 4, False: 5}", {"1": None, "1.5": 2, "null": 4, "false": 5}),
            ("import datetime as d", "[d.date(2024, 6, 1), d.datetime(2024, 6, 1, 12, 30, tzinfo=d.timezone.utc), d.time(9)]",
             ["2024-06-01", "2024-06-01T12:30:00+00:00", "09:00:00"]),
            ("import datetime as d", "d.timedelta(minutes=1, milliseconds=500)", 60.5),
            ("from decimal import Decimal as D", "[D('1.10'), D('NaN')]", ["1.10", None]),
            ("", "[b'\\xff\\x00', bytearray(b'a'), memoryview(b'b')]", ["/wA=", "YQ==", "Yg=="]),
            ("import uuid, pathlib", "[uuid.UUID(int=1), pathlib.Path('/a')]", ["00000000-0000-0000-0000-000000000001", "/a"]),
            ("import enum\nclass C(enum.Enum):\n    A = 'a'\nclass N(enum.IntEnum):\n    B = 2", "[C.A, N.B]", ["a", 2]),
            ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: object", "P(1, [P(2, None)])",
             {"x": 1, "y": [{"x": 2, "y": None}]}),
            ("from collections import *", "[namedtuple('T', 'a')(1), deque([1]), OrderedDict(a=1), ChainMap({'a': 1})]",
             [[1], [1], {"a": 1}, {"a": 1}]),
            ("import types", "[range(3), types.MappingProxyType({'a': float('nan')})]", [[0, 1, 2], {"a": None}]),
        ):
            with self.subTest(expression):
                self.assert_result(expected, self.form(expression, before))

    def test_what_has_none(self):
        for expression, reason in {
            "{'items': [0, 0, 0, {'price': float('inf')}]}": "result.items[3].price: cannot be JSON: inf",
            "{'a b': -float('inf')}": "result['a b']: cannot be JSON: -inf",
            "{1, 2}": "result: cannot be JSON: {1, 2} (set); a set has no order: make it a list, such as sorted(it)",
            "[1j]": "result[0]: cannot be JSON: 1j (complex); give its parts, such as [it.real, it.imag]",
            "{'f': len}": "result.f: cannot be JSON: <built-in function len> (builtin_function_or_method); "
                          "was it meant to be called?",
            "{(1, 2): 3}": "result[(1, 2)]: cannot be JSON: a key of type tuple; make it a text, such as str(key)",
            "['\\udcff']": "result[0]: cannot be JSON: '\\udcff' holds a lone surrogate (a byte that was not UTF-8?)",
            "10**5000": "result: cannot be JSON: an int with more digits than Python converts",
            "{'k': {}.keys()}": "result.k: cannot be JSON: dict_keys([]) (dict_keys); make it a list: list(it)",
        }.items():
            with self.subTest(expression):
                self.assert_failed(f"main.py:2: {reason}", self.form(expression))

    def test_generators_and_coroutines(self):
        for expression, hint in {
            "(x for x in [1])": "make it a list: list(it)", "map(str, [])": "make it a list: list(it)",
            "[other()]": "it wants to be awaited", "agen()": "collect its items, such as [item async for item in it]",
        }.items():
            with self.subTest(expression):
                outcome = self.form(expression, "async def other(): pass\nasync def agen(): yield 1\n")
                self.assertRegex(outcome.reason, r"^main\.py:\d: result(\[0\])?: cannot be JSON: <.*; ")
                self.assertTrue(outcome.reason.endswith(hint), outcome.reason)

    def test_generator_main(self):
        outcome = self.run_entry("def main(i):\n    yield 1")
        self.assertRegex(outcome.reason, r"main\.py:1: result: cannot be JSON: <generator.*make it a list")

    def test_cycles_and_depth(self):
        deep = "more than 60 levels, or it contains itself"
        for body in ("a = [1]; a.append(a)", "a = {}; a['self'] = a", "a = [1, float('nan')]; a[0] = (a, a, a)",
                     "a = 1\n    for _ in range(61): a = [a]", "a = 1\n    for _ in range(61): a = {'k': a}",
                     "a = 1\n    for _ in range(5000): a = [a]", "a = [[1] * 100] * 100\n    for _ in range(59): a = (a,)",
                     "a = float('nan')\n    for _ in range(61): a = [a]"):
            with self.subTest(body):
                outcome = self.run_entry(f"def main(i):\n    {body}\n    return a")
                self.assertTrue(outcome.reason.endswith(deep), outcome.reason)
        for leaf in ("1", "float('nan')"):
            outcome = self.run_entry(f"def main(i):\n    a = {leaf}\n    for _ in range(60): a = [a]\n    return [1, a][1:][0]")
            self.assertEqual((outcome.code, outcome.text.count("[")), (0, 60))

    def test_plain_data_costs_what_json_costs(self):
        source = """
            import json, time
            def main(i):
                import __main__
                rows = [{"id": n, "name": "item %d" % n, "price": n * 1.1, "tags": ["a", "b"], "ok": True} for n in range(100000)]
                start = time.perf_counter()
                json.dumps(rows, ensure_ascii=False)
                print(time.perf_counter() - start, flush=True)
                global begun
                begun = time.perf_counter()
                import atexit
                atexit.register(lambda: print(time.perf_counter() - begun))
                return rows
            """
        ratios = []
        for _ in range(3):  # the machine may be busy: the best of three
            alone, here = map(float, self.run_entry(source).stdout.split())
            ratios.append(here / alone)
        self.assertLess(min(ratios), 2)

    @needs_numpy
    def test_numpy(self):
        for expression, expected in (
            ("[np.int64(1), np.float32(1.5), np.float64('nan'), np.bool_(True), np.str_('x')]", [1, 1.5, None, True, "x"]),
            ("np.array([[1, 2], [3, 4]])", [[1, 2], [3, 4]]), ("np.array([1.5, np.nan])", [1.5, None]),
            ("{np.int64(3): np.arange(2), np.float64(1.5): 1}", {"3": [0, 1], "1.5": 1}), ("np.array(5)", 5),
            ("np.array(['2024-06-01', 'NaT'], dtype='datetime64[D]')", ["2024-06-01", None]),
            ("np.datetime64('2024-06-01T10:00:00.000000000')", "2024-06-01T10:00:00"),
            ("np.datetime64('2024-06-01T10:00:00.000000001')", "2024-06-01T10:00:00.000000001"),
            ("[np.timedelta64(1500, 'ms'), np.timedelta64('NaT')]", [1.5, None]),
            ("np.array([[1, 2]], dtype='timedelta64[s]')", [[1, 2]]), ("np.array([{'a': np.nan}, None], dtype=object)",
                                                                      [{"a": None}, None]),
        ):
            with self.subTest(expression):
                self.assert_result(expected, self.form(expression, "import numpy as np"))
        outcome = self.form("{'a': np.array([1.0, np.inf])}", "import numpy as np")
        self.assert_failed("main.py:2: result.a[1]: cannot be JSON: inf", outcome)
        self.assertIn("complex", self.form("np.array([1j])", "import numpy as np").reason)

    @needs_pandas
    def test_pandas(self):
        before = "import pandas as pd, numpy as np"
        for expression, expected in (
            ("pd.DataFrame({'a': [1, 2], 'b': ['x', None], 'c': [1.5, np.nan]}, index=[7, 8])",
             [{"a": 1, "b": "x", "c": 1.5}, {"a": 2, "b": None, "c": None}]),
            ("pd.DataFrame({'d': pd.to_datetime(['2024-06-01', None]), 3: pd.array([1, None], dtype='Int64')})",
             [{"d": "2024-06-01T00:00:00", "3": 1}, {"d": None, "3": None}]),
            ("pd.DataFrame()", []), ("{'s': pd.Series([1, 2])}", {"s": [1, 2]}),
            ("pd.Index(['a'])", ["a"]), ("[pd.NaT, pd.NA, pd.Timestamp('2024-06-01 10:00', tz='UTC')]",
                                         [None, None, "2024-06-01T10:00:00+00:00"]),
            ("[pd.Timedelta('1m'), pd.Period('2024-06')]", [60.0, "2024-06"]),
            ("pd.Series(['a', 'b'], dtype='category')", ["a", "b"]), ("pd.DataFrame({'a': [1]}).iloc[0]", [1]),
        ):
            with self.subTest(expression):
                self.assert_result(expected, self.form(expression, before))
        self.assert_failed("main.py:2: result[1].a: cannot be JSON: inf", self.form("pd.DataFrame({'a': [1, np.inf]})", before))
        self.assertIn("two columns 'a'", self.form("pd.DataFrame([[1, 2]], columns=['a', 'a'])", before).reason)


class VariableTests(HarnessTest):
    def run_script(self, source, variable="df", **more):
        return self.run_entry(source, call="script", result={"variable": variable, **more.pop("result", {})}, **more)

    def test_a_variable_is_the_result(self):
        source = """
            import sys
            if __name__ == "__main__":
                df = [sys.argv, __name__]
            """
        self.assert_result([["main.py", "x"], "__main__"], self.run_script(source, args=["x"]))

    def test_missing(self):
        start = "main.py: the script left no variable 'totals' for the result; "
        for source, rest in {"total = 1": "did you mean 'total'?", "a = 1\nb = 2\nimport os": "it left a, b",
                             "pass": "it left none", "Totals = 1": "did you mean 'Totals'?"}.items():
            with self.subTest(source):
                self.assert_failed(start + rest, self.run_script(source, variable="totals"))

    def test_exit_zero_is_an_end_as_any_other(self):
        outcome = self.run_script("import sys\ndf = 1\nsys.exit(0)")
        self.assert_result(1, outcome)
        self.assert_failed("main.py:3: exit code 2", self.run_script("import sys\ndf = 1\nsys.exit(2)"), code=2)

    def test_a_script_that_fails_has_no_result(self):
        self.assert_failed("main.py:2: ZeroDivisionError: division by zero", self.run_script("df = 1\n1/0"))

    def test_what_cannot_be_json(self):
        self.assert_failed("main.py: result[1]: cannot be JSON: inf", self.run_script("df = [1, float('inf')]"))

    def test_csv(self):
        csv = {"format": "csv"}
        for source, expected in {
            "df = [{'a': 1, 'b': 'x,y'}, {'a': None, 'c': '\"q\"\\r'}, {'b': True}]":
                'a,b,c\n1,"x,y",\n,,"""q""\r"\n,true,\n',
            "df = [[1, 'a'], [2.5, {'k': [1]}]]": '1,a\n2.5,"{""k"": [1]}"\n',
            "df = []": "", "df = [{'a': None}, {'a': ''}]": 'a\n""\n""\n', "df = [{}]": "\n",
            "df = [{'a': 'x\\ny'}]": 'a\n"x\ny"\n',
        }.items():
            with self.subTest(source):
                outcome = self.run_script(source, result=csv)
                self.assertEqual((outcome.code, outcome.text.encode()), (0, expected.encode()), outcome.stderr)
        wanted = "a result with 'format: csv' is a data frame, a list of objects or a list of lists"
        self.assert_failed(f"main.py: {wanted}", self.run_script("df = 3", result=csv))
        self.assert_failed(f"main.py: result[1]: {wanted}; this is list",
                           self.run_script("df = [{'a': 1}, [1]]", result=csv), result="a\n1\n")
        self.assertIn("result[0].a: cannot be JSON: inf", self.run_script("df = [{'a': float('inf')}]", result=csv).reason)

    @needs_pandas
    def test_csv_of_a_data_frame(self):
        source = """
            import pandas as pd
            df = pd.DataFrame({'a': [1, 2], 'b': ['x', None]}, index=[5, 6])
            """
        self.assertEqual(self.run_script(source, result={"format": "csv"}).text, "a,b\n1,x\n2,\n")
        none = "import pandas as pd\ndf = pd.DataFrame({'a': [1], 'b': [2]})\ndf = df[df.a > 5]"
        self.assertEqual(self.run_script(none, result={"format": "csv"}).text, "a,b\n")


class CheckpointTests(HarnessTest):
    def test_column_of_the_last_row(self):
        for call, source in (("main", "def main(i): return [{'id': 1}, {'id': '2024-06-02'}]"),
                             ("statement", "return [{'id': 1}, {'id': '2024-06-02'}]")):
            outcome = self.with_column(source, call=call)
            self.assertEqual(outcome.of("checkpoint"), [{"type": "checkpoint", "value": "2024-06-02"}])

    def with_column(self, source, **plan):
        """run_entry's own `checkpoint` is the last run's value; the plan's is the column."""
        plan.setdefault("call", "main")
        if "input" in plan:
            (self.bundle / "in.json").write_text(json.dumps(plan["input"]))
            plan["input"] = {"kind": "json", "path": str(self.bundle / "in.json")}
        plan["checkpoint"] = {"column": "id"}
        return self.run_entry(source, env={"BOBBIN_HARNESS": json.dumps(plan)})

    def test_in_rows(self):
        outcome = self.with_column("def main(i): return {'id': i * 2}", input=[1, 2, 3], mode="rows")
        self.assertEqual(outcome.of("checkpoint"), [{"type": "checkpoint", "value": 6}])
        outcome = self.with_column("def main(i): return {'id': 1 / i}", input=[1, 0], mode="rows")
        self.assertEqual(outcome.of("checkpoint"), [])

    def test_of_a_variable(self):
        outcome = self.with_column("import datetime\ndf = [{'id': datetime.date(2024, 6, 1)}]", call="script",
                                   result={"variable": "df"})
        self.assertEqual(outcome.of("checkpoint"), [{"type": "checkpoint", "value": "2024-06-01"}])

    @needs_pandas
    def test_of_a_data_frame(self):
        outcome = self.with_column("import pandas as pd\ndf = pd.DataFrame({'id': [1, 2]})", call="script",
                                   result={"variable": "df"})
        self.assertEqual(outcome.of("checkpoint"), [{"type": "checkpoint", "value": 2}])

    def test_no_rows_no_checkpoint(self):
        outcome = self.with_column("def main(i): return []")
        self.assertEqual((outcome.code, outcome.events), (0, []))

    def test_errors(self):
        for source, reason in {
            "def main(i): return [{'x': 1, 'y': 2}]":
                "the last row of the result has no column 'id' for the checkpoint; it has x, y",
            "def main(i): return 3": "'checkpoint: {column: id}' needs a list of objects as the result",
            "def main(i): return [3]": "'checkpoint: {column: id}' needs objects; the last row of the result is none",
        }.items():
            with self.subTest(source):
                outcome = self.with_column(source)
                self.assertEqual((outcome.code, outcome.reason), (1, f"main.py:1: {reason}"))

    def test_bad_checkpoint(self):
        outcome = self.run_entry("return []", call="statement", env={"BOBBIN_CHECKPOINT": "{"})
        self.assertIn("the checkpoint is not JSON", outcome.reason)


if __name__ == "__main__":
    unittest.main()
