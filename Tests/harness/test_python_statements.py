"""Python statements: the body of an async function, with the input and the log at hand."""

import unittest

from python_bundle import VERSION, HarnessTest, needs_pandas


class StatementTests(HarnessTest):
    def run_statement(self, source, **more):
        return self.run_entry(source, call="statement", **more)

    def test_what_is_there(self):
        source = """
            log.info("%d items", len(INPUT_DATA))
            await sleep(0.01)
            return [{"n": item["n"] + 1, "last": DATA_CHECKPOINT} for item in INPUT_DATA]
            """
        outcome = self.run_statement(source, input=[{"n": 1}, {"n": 2}], checkpoint={"id": 7})
        self.assert_result([{"n": 2, "last": {"id": 7}}, {"n": 3, "last": {"id": 7}}], outcome)
        self.assertEqual(outcome.events, [{"type": "log", "level": "info", "message": "2 items"}])

    def test_input_data_is_a_list(self):
        for given, expected in (({"a": 1}, [{"a": 1}]), (None, []), ([], []), (3, [3])):
            with self.subTest(given):
                self.assert_result([{"in": expected}], self.run_statement("return [{'in': INPUT_DATA}]", input=given))

    def test_names_may_be_assigned(self):
        source = """
            INPUT_DATA = [x for x in INPUT_DATA if x["n"]]
            def count():
                return len(INPUT_DATA)
            log, DATA_CHECKPOINT = 1, 2
            return [{"n": count()}]
            """
        self.assert_result([{"n": 1}], self.run_statement(source, input=[{"n": 1}, {"n": 0}]))

    def test_future_imports_docstring_and_async_functions(self):
        source = '''
            """What it does."""
            from __future__ import annotations
            import math
            class Box:
                size: Unknown = 3
            async def one(n: Unknown):
                await sleep(0)
                return {"n": n}
            found = [await one(n) for n in range(2)]
            async def each():
                for n in range(2):
                    await sleep(0)
                    yield {"n": n}
            async for item in each():
                found.append(item)
            return found
            '''
        self.assert_result([{"n": 0}, {"n": 1}, {"n": 0}, {"n": 1}], self.run_statement(source))

    def test_asyncio(self):
        source = """
            import asyncio
            async def one(n):
                await sleep(0.01)
                return {"n": n, "loop": asyncio.get_running_loop().is_running()}
            return await asyncio.gather(one(1), one(2))
            """
        self.assert_result([{"n": 1, "loop": True}, {"n": 2, "loop": True}], self.run_statement(source))

    def test_asyncio_in_a_module_of_the_bundle(self):
        self.write("tool.py", "import asyncio\nasync def wait(): await asyncio.sleep(0)\n")
        self.assert_result([], self.run_statement("import tool\nawait tool.wait()\nreturn []"))

    def test_without_imports_there_is_no_asyncio(self):
        source = """
            import sys
            await sleep(0)
            return [{"loop": "asyn" "cio" in sys.modules}]
            """
        self.assert_result([{"loop": False}], self.run_statement(source))

    def test_lines_and_columns_are_the_file_s(self):
        outcome = self.run_statement("x = 0\n\n\ny = [1,\n     1 / x]\nreturn []\n")
        self.assert_failed("main.py:5: ZeroDivisionError: division by zero", outcome)
        marks = "    ~~^~~\n" if VERSION >= (3, 11) else ""
        self.assertIn(f'File "{self.bundle}/main.py", line 5, in statement\n    1 / x]\n{marks}', outcome.stderr)

    def test_syntax_error(self):
        self.assert_failed("main.py:2: SyntaxError: invalid syntax", self.run_statement("x = 1\nreturn [\n  1 +]"
                           .replace("[\n  1 +]", "[1 +]")))
        self.assert_failed("main.py:2: SyntaxError: from __future__ imports must occur at the beginning of the file",
                           self.run_statement("x = 1\nfrom __future__ import annotations\nreturn []"))

    def test_what_is_returned(self):
        wanted = "a statement ends with 'return items', a list of objects"
        for source, reason in {
            "x = 1": f"main.py: {wanted}; this one returned None",
            "": f"main.py: {wanted}; this one returned None",
            "return": f"main.py:1: {wanted}; this one returned None",
            "x = 1\nreturn {'a': 1}": f"main.py:2: {wanted}; this one returned {{'a': 1}} (dict)",
            "return [{}, 'abc']": f"main.py:1: {wanted}; item 1 is 'abc' (str)",
            "return [{'a': float('inf')}]": "main.py:1: result[0].a: cannot be JSON: inf",
            "x = 1\nyield x": f"main.py: {wanted}; 'yield' cannot be used outside of its functions",
        }.items():
            with self.subTest(source):
                self.write("main.py", source)
                self.assert_failed(reason, self.run_statement(None))

    @needs_pandas
    def test_a_data_frame_is_its_rows(self):
        source = "import pandas as pd\nreturn pd.DataFrame({'a': [1, 2]})"
        self.assert_result([{"a": 1}, {"a": 2}], self.run_statement(source))

    def test_coroutines_nobody_awaited(self):
        end = "was never awaited"
        for source, start, more in (
            ("x = 1\nsleep(1)\nreturn []", "main.py:2: the coroutine 'sleep'", ": write 'await sleep(…)'"),
            ("async def f(): pass\n\nx = f()\nf()\nreturn []", "main.py:4: the coroutine 'f'", " (and 1 more): write 'await f(…)'"),
            ("import asyncio\nx = asyncio.sleep(1)\nreturn []", "main.py:2: the coroutine 'sleep'", ": write 'await sleep(…)'"),
        ):
            with self.subTest(source):
                self.assert_failed(f"{start} {end}{more}", self.run_statement(source))

    def test_exit(self):
        self.assert_failed("main.py:2: exit code 3", self.run_statement("import sys\nsys.exit(3)"), code=3)
        self.assert_failed(None, self.run_statement("import sys\nsys.exit(0)"), code=0)

    def test_a_bad_sleep(self):
        outcome = self.run_statement("await sleep('long')")
        self.assert_failed("main.py:1: ValueError: could not convert string to float: 'long'", outcome)

    def test_what_only_a_loop_could_await(self):
        source = """
            class Odd:
                def __await__(self):
                    yield 5
            await Odd()
            """
        self.assertRegex(self.run_statement(source).reason, r"main\.py:3: RuntimeError: awaited something .*\(int\)")

    def test_log_levels(self):
        outcome = self.run_statement("\n".join(f"log.{level}('x')" for level in ("trace", "debug", "info", "warn", "error"))
                                     + "\nreturn []")
        self.assertEqual([event["level"] for event in outcome.events], ["trace", "debug", "info", "warn", "error"])


if __name__ == "__main__":
    unittest.main()
