"""bobbin.py: what a Python script tells while it runs, and what it does where nobody listens."""

import json
import os
import subprocess
import time
import unittest

from python_bundle import PYTHON, HarnessTest, needs_numpy


class HelperTests(HarnessTest):
    """bobbin.py, also without the harness."""

    def run_plain(self, source, **more):
        return self.run_entry(source, plain=True, **more)

    def test_each_call(self):
        source = """
            import bobbin
            bobbin.log.trace("t"); bobbin.log.debug("d"); bobbin.log.info("%s of %d", "a", 3); bobbin.log.warn("w")
            bobbin.log.warning("%(x)s", {"x": 1}); bobbin.log.error("e %d%%", 5); bobbin.log.info("100%")
            bobbin.progress(0.4, "half"); bobbin.progress(1)
            bobbin.message("done ü\\n\\"")
            bobbin.checkpoint({"a": [1, None]})
            """
        outcome = self.run_plain(source)
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))
        self.assertEqual(outcome.events, [
            {"type": "log", "level": "trace", "message": "t"}, {"type": "log", "level": "debug", "message": "d"},
            {"type": "log", "level": "info", "message": "a of 3"}, {"type": "log", "level": "warn", "message": "w"},
            {"type": "log", "level": "warn", "message": "1"}, {"type": "log", "level": "error", "message": "e 5%"},
            {"type": "log", "level": "info", "message": "100%"}, {"type": "progress", "value": 0.4, "text": "half"},
            {"type": "progress", "value": 1.0}, {"type": "message", "text": 'done ü\n"'},
            {"type": "checkpoint", "value": {"a": [1, None]}}])

    def test_a_log_line_ends_no_run(self):
        outcome = self.run_plain("import bobbin\nbobbin.log.info('%d', 'x')\nbobbin.log.info(3)\nbobbin.log.info('\\udcff')")
        self.assertEqual([event["message"] for event in outcome.events], ["%d ('x',)", "3", "?"])

    def test_progress_is_clamped(self):
        outcome = self.run_plain("import bobbin\nfor v in (-1, 2, float('inf'), True): bobbin.progress(v)")
        self.assertEqual([event["value"] for event in outcome.events], [0.0, 1.0, 1.0, 1.0])
        for wrong in ("float('nan')", "'half'", "None"):
            self.assertEqual(self.run_plain(f"import bobbin\nbobbin.progress({wrong})").code, 1)

    def test_checkpoints(self):
        source = """
            import bobbin, datetime, decimal
            print(bobbin.last_checkpoint())
            bobbin.checkpoint([datetime.date(2024, 6, 1), decimal.Decimal("1.10")])
            """
        outcome = self.run_plain(source, checkpoint={"id": 7})
        self.assertEqual((outcome.stdout, outcome.events[0]["value"]), ("{'id': 7}\n", ["2024-06-01", "1.10"]))
        self.assertEqual(self.run_plain("import bobbin\nprint(bobbin.last_checkpoint())").stdout, "None\n")
        for wrong in ("float('nan')", "{1, 2}", "'x' * 70000"):
            self.assertEqual(self.run_plain(f"import bobbin\nbobbin.checkpoint({wrong})").code, 1)

    @needs_numpy
    def test_checkpoint_of_numpy(self):
        outcome = self.run_plain("import bobbin, numpy\nbobbin.checkpoint(numpy.int64(3))")
        self.assertEqual(outcome.events[0]["value"], 3)

    def test_long_lines_are_cut(self):
        outcome = self.run_plain("import bobbin\nbobbin.log.info('ü\\n' * 100000)\nbobbin.progress(0, 'x' * 65536)\n"
                                 "bobbin.log.info('y' * 65490)")
        self.assertEqual([len(line.encode()) <= 65535 for line in outcome.lines], [True] * 3)
        self.assertGreater(len(outcome.lines[0].encode()), 65500)
        self.assertTrue(outcome.events[0]["message"].endswith("… (200000 characters)"))
        self.assertEqual(outcome.events[2]["message"], "y" * 65490)

    def test_outside_bobbin(self):
        source = "import bobbin\nbobbin.log.warn('careful')\nbobbin.progress(1)\nbobbin.message('x')\nbobbin.checkpoint(1)"
        for more in ({"events": None}, {"env": {"BOBBIN_EVENTS": "/nonexistent/x"}}):
            outcome = self.run_plain(source, **more)
            self.assertEqual((outcome.code, outcome.stdout, outcome.stderr), (0, "", "warn: careful\n"))

    def test_a_pipe_without_a_reader(self):
        os.mkfifo(self.place / "pipe")
        outcome = self.run_plain("import bobbin\nbobbin.log.info('x')", events="pipe")
        self.assertEqual(outcome.stderr, "info: x\n")

    def test_a_pipe_threads_and_children(self):
        os.mkfifo(self.place / "pipe")
        self.write("main.py", """
            import bobbin, os, threading
            def say(name):
                for n in range(50):
                    bobbin.log.info("%s %s", name, "x" * 3000)
            threads = [threading.Thread(target=say, args=(n,)) for n in range(3)]
            for thread in threads: thread.start()
            if os.fork() == 0:
                say("child")
                os._exit(0)
            os.wait()
            for thread in threads: thread.join()
            """)
        reader = os.open(self.place / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        keeper = os.open(self.place / "pipe", os.O_WRONLY)
        environment = {"PYTHONPATH": str(self.harness / "python"), "BOBBIN_EVENTS": str(self.place / "pipe")}
        process = subprocess.Popen([PYTHON, "main.py"], cwd=self.bundle, env=environment)
        os.close(keeper)
        received = b""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                piece = os.read(reader, 1 << 20)
            except BlockingIOError:
                piece = b""
            received += piece
            if not piece and process.poll() is not None:
                break
            if not piece:
                time.sleep(0.005)
        os.close(reader)
        self.assertEqual(process.wait(), 0)
        events = [json.loads(line) for line in received.splitlines()]
        self.assertEqual(len(events), 200)

    def test_it_imports_little(self):
        source = "import sys\nbefore = set(sys.modules)\nimport bobbin\nprint(sorted(set(sys.modules) - before))"
        self.assertIn(self.run_plain(source).stdout, ("['_json', 'bobbin']\n", "['bobbin']\n"))

    def test_a_bundle_with_its_own(self):
        self.write("bobbin.py", "def send(*a, **k): 1/0\n_send = send\nMINE = 5")
        outcome = self.run_entry("import bobbin\ndef main(i): return bobbin.MINE")
        self.assert_result(5, outcome)
        outcome = self.run_entry("import bobbin\ndef main(i): 1/0")
        self.assert_failed("main.py:2: ZeroDivisionError: division by zero", outcome)
        outcome = self.run_entry("import bobbin\nlog.info('x')\nreturn [{'m': bobbin.MINE}]", call="statement")
        self.assertEqual((outcome.result, len(outcome.events)), ([{"m": 5}], 1))


if __name__ == "__main__":
    unittest.main()
