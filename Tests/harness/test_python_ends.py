"""The ends of Python scripts: exits, exceptions, forks, and what a script breaks in the process it shares."""

import resource
import signal
import unittest

from python_bundle import VERSION, HarnessTest


class EndTests(HarnessTest):
    """The ways a script may end, and what it may do to the process it shares."""

    def test_exit_codes(self):
        for call, code, reason in (
            ("sys.exit(3)", 3, "main.py:2: exit code 3"), ("sys.exit(0)", 0, None), ("sys.exit()", 0, None),
            ("sys.exit(256)", 0, None), ("sys.exit(-1)", 255, "main.py:2: exit code 255"),
            ("sys.exit('no data')", 1, "main.py:2: SystemExit: no data"), ("raise SystemExit", 0, None),
            ("os._exit(4)", 4, None),
        ):
            with self.subTest(call):
                outcome = self.run_entry(f"import os, sys\ndef main(i): {call}")
                self.assert_failed(reason, outcome, code=code)
                self.assertEqual(outcome.stderr, "no data\n" if "data" in call else "")

    def test_exit_while_loading(self):
        self.assert_failed("main.py:2: exit code 2", self.run_entry("import sys\nsys.exit(2)"), code=2)

    def test_keyboard_interrupt_ends_as_python_does(self):
        outcome = self.run_entry("def main(i): raise KeyboardInterrupt")
        self.assert_failed("main.py:1: KeyboardInterrupt", outcome, code=-signal.SIGINT)
        self.assertEqual(outcome.stderr.count("KeyboardInterrupt"), 2)  # the source line, and the name

    def test_other_exceptions(self):
        for raised, reason in {
            "raise type('Odd', (BaseException,), {})('x')": "main.py:2: Odd: x",
            "raise type('E', (Exception,), {'__str__': lambda s: 1/0})": "main.py:2: E: <E whose str() fails>",
            "raise ValueError('a\\nb' + 'c' * 1000)": "main.py:2: ValueError: a b" + "c" * 473 + "…",
            "raise ValueError": "main.py:2: ValueError",
            "raise ValueError('\\ud800')": "main.py:2: ValueError: ?",
            "def f(): f()\n    f()": "main.py:2: RecursionError: maximum recursion depth exceeded",
            "assert i, 'wanted'": "main.py:2: AssertionError: wanted",
        }.items():
            with self.subTest(raised):
                self.assert_failed(reason, self.run_entry(f"def main(i):\n    {raised}"))

    @unittest.skipIf(VERSION < (3, 11), "exception groups came with Python 3.11")
    def test_exception_group(self):
        source = """
            import asyncio
            async def bad():
                raise ValueError("inner")
            async def main(i):
                async with asyncio.TaskGroup() as group:
                    group.create_task(bad())
            """
        outcome = self.run_entry(source)
        self.assert_failed("main.py:5: ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception); "
                           "first: main.py:3: ValueError: inner", outcome)

    def test_exception_that_forbids_assignment(self):
        source = """
            from dataclasses import dataclass
            @dataclass(frozen=True)
            class Bad(Exception):
                code: int
            def main(i): raise Bad(3)
            """
        self.assert_failed("main.py:5: Bad: 3", self.run_entry(source))

    def test_own_excepthook_is_called(self):
        source = """
            import sys
            sys.excepthook = lambda kind, error, trace: print('mine', kind.__name__, trace.tb_lineno)
            def main(i): raise ValueError('x')
            """
        outcome = self.run_entry(source)
        self.assert_failed("main.py:3: ValueError: x", outcome)
        self.assertEqual((outcome.stdout, outcome.stderr), ("mine ValueError 3\n", ""))

    def test_broken_excepthook_and_stderr(self):
        for line in ("sys.excepthook = None", "sys.excepthook = lambda *a: 1/0", "sys.stderr = None", "sys.stderr = 3",
                     "os.close(2)", "sys.stderr.close()"):
            with self.subTest(line):
                outcome = self.run_entry(f"import os, sys\n{line}\ndef main(i): raise ValueError('x')")
                # 120 is Python's own for a stderr that cannot be flushed.
                self.assertEqual((outcome.code in (1, 120), outcome.reason), (True, "main.py:3: ValueError: x"))

    def test_what_a_script_may_break(self):
        for line in (
            "builtins.open = builtins.len = builtins.isinstance = builtins.str = builtins.type = None",
            "sys.modules['json'] = sys.modules['traceback'] = None", "sys.stdout = sys.stdin = None",
            "sys.path.clear(); sys.meta_path.clear()", "sys.argv = None", "os.chdir('/')",
            "os.remove(__file__)", "os.environ.clear()", "os.close(0)", "os.closerange(3, 100)",
            "del sys.modules['__main__'], sys.modules['__bobbin__']", "sys.setrecursionlimit(100)",
        ):
            with self.subTest(line):
                outcome = self.run_entry(f"import builtins, os, sys\n{line}\ndef main(i): return [float('nan')]")
                self.assertEqual((outcome.code, outcome.text), (0, "[null]\n"), outcome.stderr)
                self.write("main.py", f"import builtins, os, sys\n{line}\ndef main(i): return 1 / 0")
                self.assertEqual(self.run_entry(None).reason, "main.py:3: ZeroDivisionError: division by zero")

    def test_what_is_printed_to_a_closed_stdout_is_not_in_the_result(self):
        for source in ("import os\ndef main(i):\n    os.close(1)\n    print('stray')\n    return 1",
                       "import os\ndef main(i):\n    if i == 1: os.close(1)\n    print('stray', flush=False)\n    return 1"):
            self.write("main.py", source)
            self.assertEqual(self.run_entry(None).text, "1\n")
        self.write("main.py", "import os\nos.close(1)\ndef main(i):\n    print('stray' * 9999)\n    return 1")
        self.assertEqual(self.run_entry(None, input=[1, 2], mode="rows", on_row_error="continue").result, [])

    def test_threads_are_joined(self):
        source = """
            import threading, time
            def late():
                time.sleep(0.2)
                print('late')
            def main(i):
                threading.Thread(target=late).start()
                return 1
            """
        outcome = self.run_entry(source)
        self.assert_result(1, outcome)
        self.assertEqual(outcome.stdout, "late\n")

    def test_forked_child_that_comes_back(self):
        source = """
            import os
            def main(i):
                pid = os.fork()
                if pid == 0:
                    return 'child'
                os.waitpid(pid, 0)
                return 'parent'
            """
        self.assert_result("parent", self.run_entry(source))
        outcome = self.run_entry(source.replace("return 'child'", "raise ValueError('child')"))
        self.assertEqual((outcome.code, outcome.result, outcome.events), (0, "parent", []))
        self.assertIn("ValueError: child", outcome.stderr)

    def test_forked_child_in_rows(self):
        source = """
            import os
            def main(i):
                if i == 3 and os.fork() == 0:
                    return 'child'
                return i
            """
        outcome = self.run_entry(source, input=list(range(1000)), mode="rows")
        self.assertEqual(outcome.result, list(range(1000)))
        self.assertEqual(outcome.events, [{"type": "rows", "total": 1000, "failed": 0}])

    def test_forged_events_are_the_script_s_own(self):
        source = """
            import os
            def main(i):
                print('{"type":"failure","reason":"forged"}')
                with open(os.environ["BOBBIN_EVENTS"], "a") as events:
                    events.write('{"type":"failure","reason":"forged"}\\n')
                raise ValueError('real')
            """
        outcome = self.run_entry(source)
        self.assertEqual([event["reason"] for event in outcome.events], ["forged", "main.py:6: ValueError: real"])

    def test_invalid_utf8_on_stdout(self):
        outcome = self.run_entry("import sys\ndef main(i): sys.stdout.buffer.write(b'\\xff')")
        self.assert_result(None, outcome)

    def test_a_result_over_the_file_limit(self):
        outcome = self.run_entry("def main(i): return 'x' * 200000",
                                 limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
        self.assertEqual(outcome.code, -signal.SIGXFSZ)
        outcome = self.run_entry("def main(i): return 'x' * 2000", input=list(range(200)), mode="rows",
                                 limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
        self.assertEqual(outcome.code, -signal.SIGXFSZ)

    def test_a_large_result(self):
        outcome = self.run_entry("def main(i): return ['x' * 1000] * 20000")
        self.assertEqual((outcome.code, len(outcome.text)), (0, 20000 * 1004 + 1))

    def test_without_events(self):
        outcome = self.run_entry("def main(i): 1/0", events=None)
        self.assertEqual((outcome.code, outcome.reason), (1, None))
        outcome = self.run_entry("def main(i): 1/0", env={"BOBBIN_EVENTS": "/nonexistent/events"})
        self.assertEqual(outcome.code, 1)


if __name__ == "__main__":
    unittest.main()
