"""The imports of Python scripts that may import only what is listed."""

import unittest

from python_bundle import HarnessTest, needs_pandas


class ImportTests(HarnessTest):
    def run_allowing(self, allowed, source=None, **more):
        more.setdefault("call", "script")
        return self.run_entry(source, imports=allowed, **more)

    def assert_refused(self, place, name, allowed, source):
        outcome = self.run_allowing(allowed, source)
        listed = ", ".join(allowed) or "none"
        self.assertEqual(outcome.reason, f"{place}: ImportError: '{name}' may not be imported here; allowed: {listed}")
        self.assertEqual(outcome.code, 1)
        self.assertNotIn("harness", outcome.stderr)
        return outcome

    def test_seen_in_the_source(self):
        for source, name in {
            "print('ran')\n\nimport os": "os", "print('ran')\n\nfrom os import getcwd": "os",
            "print('ran')\n\nimport json, zlib": "zlib", "print('ran')\n\nimport json.decoder": "json.decoder",
            "print('ran')\n\nfrom json.decoder import JSONDecoder": "json.decoder",
            "print('ran')\ndef f():\n    import os": "os", "print('ran')\nif 0:\n    import os": "os",
        }.items():
            with self.subTest(source):
                self.assertEqual(self.assert_refused("main.py:3", name, ["json", "pandas"], source).stdout, "")

    def test_allowed(self):
        for source, allowed in (
            ("import json\nfrom json import loads", ["json"]), ("import json.decoder", ["json.decoder"]),
            ("from json import decoder", ["json.decoder"]), ("from json.decoder import JSONDecoder", ["json.decoder"]),
            ("from __future__ import annotations\nimport bobbin\nimport __main__", []), ("from json import *", ["json"]),
            ("import datetime\ndatetime.datetime.strptime('2024', '%Y')", ["datetime"]),
            ("import time\ntime.strptime('2024', '%Y')", ["time"]), ("import logging, concurrent.futures",
                                                                    ["logging", "concurrent.futures"]),
        ):
            with self.subTest(source):
                outcome = self.run_allowing(allowed, source)
                self.assertEqual((outcome.code, outcome.stderr), (0, ""))

    @needs_pandas
    def test_pandas_imports_what_it_likes(self):
        outcome = self.run_allowing(["pandas"], "import pandas as pd\npd.DataFrame({'a': pd.to_datetime(['2024-06-01'])})\n"
                                    "pd.Series([1]).to_json()")
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))

    def test_a_module_of_a_package(self):
        self.assert_refused("main.py:1", "json.tool", ["json"], "from json import tool")
        self.assert_refused("main.py:1", "os.path", ["os"], "from os import path")
        self.assert_refused("main.py:2", "xml.dom", ["xml"], "import xml\nfrom xml import dom")

    def test_own_modules_are_read_too(self):
        self.write("pack/__init__.py", "from . import inner\nfrom .inner import x")
        self.write("pack/inner.py", "\nx = 1\nimport zlib")
        self.write("single.py", "import pack.inner\nfrom pack import inner as other")
        outcome = self.assert_refused("pack/inner.py:3", "zlib", ["json"], "print('ran')\nimport single, json")
        self.assertEqual(outcome.stdout, "")
        outcome = self.run_allowing(["zlib"], "import single, pack\nfrom pack import x\nprint(x)")
        self.assertEqual((outcome.code, outcome.stdout), (0, "1\n"))

    def test_a_directory_does_not_admit_a_library(self):
        self.write("zlib/data.txt", "")
        self.assert_refused("main.py:1", "zlib", [], "import zlib")

    def test_at_the_import(self):
        for source, place in {
            "x = 1\n__import__('os')": "main.py:2", "x = 1\nexec('import os')": "main.py:2",
            "x = 1\nexec('import os', {})": "main.py:2", "x = 1\neval(\"__import__('os')\")": "main.py:2",
            "import builtins\nbuiltins.__import__('os')": "main.py:2",
            "import importlib\nimportlib.import_module('os')": "main.py:2",
            "from importlib import import_module as i\n\ni('os.path')": "main.py:3",
        }.items():
            with self.subTest(source):
                name = "os.path" if "path" in source else "os"
                outcome = self.assert_refused(place, name, ["builtins", "importlib"], source)
                self.assertIn("Traceback", outcome.stderr)

    def test_importlib_needs_naming(self):
        self.assert_refused("main.py:1", "importlib", ["json"], "import importlib")

    def test_with_main_and_statement(self):
        outcome = self.run_allowing(["json"], "import json\ndef main(i): return json.dumps(i)", call="main")
        self.assert_result("null", outcome)
        outcome = self.run_allowing(["json"], "import json\nimport os\nreturn []", call="statement")
        self.assertIn("main.py:2: ImportError: 'os'", outcome.reason)
        outcome = self.run_allowing(["json"], "__import__('os')\nreturn []", call="statement")
        self.assertIn("main.py:1: ImportError: 'os'", outcome.reason)
        outcome = self.run_allowing([], "async def f(): return []\nreturn await f()", call="statement")
        self.assert_result([], outcome)
        outcome = self.run_allowing(["asyncio"], "import asyncio\ndef main(i): return asyncio.run(asyncio.sleep(0, 3))",
                                    call="main")
        self.assert_result(3, outcome)

    def test_errors_of_python_stay(self):
        self.assertIn("main.py:1: ModuleNotFoundError", self.run_allowing(["nonesuch"], "import nonesuch").reason)
        self.assertEqual(self.run_allowing([], "x = (").reason, "main.py:1: SyntaxError: '(' was never closed")


if __name__ == "__main__":
    unittest.main()
