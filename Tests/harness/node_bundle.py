"""The Node harness and helper, started as the sandbox starts them: `node harness.mjs ENTRY ARGS...` in the bundle."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

FILES = Path(__file__).resolve().parents[2] / "Sources/Harnesses/Files"


class Outcome:
    def __init__(self, code, stdout, stderr, result, events):
        self.code, self.stdout, self.stderr, self.result = code, stdout, stderr, result
        self.events = [json.loads(line) for line in events.splitlines()]

    @property
    def value(self):
        return json.loads(self.result)

    @property
    def reason(self):
        failures = [event["reason"] for event in self.events if event["type"] == "failure"]
        return failures[-1] if failures else None

    @property
    def rows(self):
        return [(event["total"], event["failed"]) for event in self.events if event["type"] == "rows"]

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]


@unittest.skipUnless(shutil.which("node"), "Node is not installed")
class HarnessTest(unittest.TestCase):
    """A temporary directory with a bundle, and the files for the result and the events beside it."""

    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="bobbin-node-")
        self.addCleanup(self.place.cleanup)
        outside = Path(self.place.name)
        self.bundle = outside / "bundle"
        self.bundle.mkdir()
        # In the sandbox the helper is in /node_modules, above the bundle.
        helper = outside / "node_modules/bobbin"
        helper.mkdir(parents=True)
        for name in ("package.json", "index.cjs", "index.mjs"):
            shutil.copy(FILES / name, helper / name)

    def write(self, name, text):
        path = self.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_script(self, code, arguments=(), *, call="main", kind="json", given=None, env=None, entry="main.mjs", plain=False,
                   limit=None, fifo=False, wait=60, **settings):
        """Runs `code` as the entry; `given` is the input, bytes or text as they are, anything else as JSON."""
        if code is not None:
            self.write(entry, code)
        outside = Path(self.place.name)
        result = outside / "result"
        result.write_bytes(b"")
        events = outside / "events"
        if events.exists():
            events.unlink()
        if given is not None:
            path = self.bundle / f"input.{kind}"
            if not isinstance(given, (str, bytes)):
                given = json.dumps(given)
            path.write_bytes(given if isinstance(given, bytes) else given.encode())
            settings["input"] = {"kind": kind, "path": str(path)}
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(outside), "TMPDIR": str(outside), "LANG": "C.UTF-8",
            "BOBBIN_EVENTS": str(events), "BOBBIN_RESULT": str(result),
            "BOBBIN_HARNESS": json.dumps({"call": call, **settings}), **(env or {}),
        }
        environment = {name: value for name, value in environment.items() if value is not None}
        read = []
        if fifo:
            os.mkfifo(events)
            keep = os.open(events, os.O_RDWR)
            end = os.open(events, os.O_RDONLY)

            def drain():
                while data := os.read(end, 1 << 16):
                    read.append(data)

            reader = threading.Thread(target=drain)
            reader.start()
        else:
            events.write_bytes(b"")
        if plain:
            del environment["BOBBIN_HARNESS"]
        command = ["node", *([] if plain else [FILES / "harness.mjs"]), entry, *arguments]
        done = subprocess.run(
            command, cwd=self.bundle, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=wait,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None)
        if fifo:
            os.close(keep)
            reader.join()
            os.close(end)
            said = b"".join(read)
        else:
            said = events.read_bytes()
        return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
                   result.read_text(), said.decode())

    def good(self, code, *arguments, **more):
        run = self.run_script(code, *arguments, **more)
        self.assertEqual(run.code, 0, run.stderr)
        self.assertIsNone(run.reason)
        return run

    def bad(self, reason, code, *arguments, exit_code=1, **more):
        run = self.run_script(code, *arguments, **more)
        self.assertEqual(run.reason, reason, run.stderr)
        self.assertEqual(run.code, exit_code, run.stderr)
        self.assertNotIn(str(FILES), run.stderr)
        return run
