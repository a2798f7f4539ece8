"""The Python harness and helper, started as the sandbox starts them: python3 harness.py ENTRY, with its environment."""

import json
import os
import shutil
import subprocess
import tempfile
import textwrap
import unittest
from pathlib import Path

FILES = Path(__file__).resolve().parents[2] / "Sources/Harnesses/Files"
PYTHON = os.environ.get("BOBBIN_TEST_PYTHON", "/usr/bin/python3")


def has(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0


VERSION = tuple(map(int, subprocess.check_output([PYTHON, "-c", "import sys; print(*sys.version_info[:2])"]).split()))
HAS_NUMPY, HAS_PANDAS = has("numpy"), has("pandas")
needs_numpy = unittest.skipUnless(HAS_NUMPY, f"{PYTHON} has no numpy (Debian: python3-numpy)")
needs_pandas = unittest.skipUnless(HAS_PANDAS, f"{PYTHON} has no pandas (Debian: python3-pandas)")


class Outcome:
    def __init__(self, process, result, events):
        self.code = process.returncode
        self.stdout = process.stdout.decode("utf-8", "replace")
        self.stderr = process.stderr.decode("utf-8", "replace")
        self.text = result.decode("utf-8", "replace")
        self.lines = events.decode("utf-8", "replace").splitlines()
        self.events = [json.loads(line) for line in self.lines]

    @property
    def result(self):
        return json.loads(self.text)

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]

    @property
    def reason(self):
        found = self.of("failure")
        return found[0]["reason"] if found else None


class HarnessTest(unittest.TestCase):
    """A temporary directory with what the sandbox has: the harness, a bundle, the files for the result and the events."""

    def setUp(self):
        self.place = Path(tempfile.mkdtemp(prefix="bobbin-py."))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.harness = self.place / "run"
        (self.harness / "python").mkdir(parents=True)
        for file in FILES.glob("*.py"):
            shutil.copy(file, self.harness / ("python" if file.name == "bobbin.py" else ""))
        self.bundle = self.place / "bundle"
        self.bundle.mkdir()

    def write(self, name, content):
        path = self.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            # An indented block begins on the line after its quotes.
            content = textwrap.dedent(content[1:] if content.startswith("\n    ") else content).encode()
        path.write_bytes(content)
        return path

    def run_entry(self, source=None, entry="main.py", args=(), input=None, env=None, checkpoint=None, plain=False,
                  limits=None, events="events", **plan):
        """Writes `source` as the entry and runs it; `input` is a JSON value, or (file name, kind)."""
        if source is not None:
            self.write(entry, source)
        if isinstance(input, tuple):
            plan["input"] = {"kind": input[1], "path": str(self.bundle / input[0])}
        elif input is not None:
            (self.place / "input.json").write_text(json.dumps(input))
            plan["input"] = {"kind": "json", "path": str(self.place / "input.json")}
        result, told = self.place / "result", self.place / "events"
        result.write_bytes(b"")
        told.write_bytes(b"")
        environment = {
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(self.harness / "python"),
            "BOBBIN_RESULT": str(result), "PYTHONDONTWRITEBYTECODE": "1"}
        if events:
            environment["BOBBIN_EVENTS"] = str(self.place / events)
        if checkpoint is not None:
            environment["BOBBIN_CHECKPOINT"] = json.dumps(checkpoint)
        command = [PYTHON]
        if not plain:
            plan.setdefault("call", "main")
            environment["BOBBIN_HARNESS"] = json.dumps(plan)
            command.append(str(self.harness / "harness.py"))
        environment.update(env or {})
        process = subprocess.run(
            [*command, entry, *args], cwd=self.bundle, env=environment, capture_output=True, timeout=60,
            stdin=subprocess.DEVNULL, preexec_fn=limits)
        return Outcome(process, result.read_bytes(), told.read_bytes())

    def assert_result(self, expected, outcome):
        self.assertEqual((outcome.code, outcome.stderr, outcome.reason), (0, "", None))
        self.assertEqual(outcome.result, expected)
        self.assertTrue(outcome.text.endswith("\n"))

    def assert_failed(self, reason, outcome, code=1, result=""):
        self.assertEqual(outcome.reason, reason)
        self.assertEqual((outcome.code, outcome.text), (code, result))
        self.assertNotIn("harness", outcome.stderr)
