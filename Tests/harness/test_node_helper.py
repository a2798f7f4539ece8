"""The module bobbin: what a Node script tells while it runs, and what it does where nobody listens."""

import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from node_bundle import HarnessTest


class HelperTests(HarnessTest):
    """The module bobbin, without the harness."""

    CODE = (
        "bobbin.log.trace('a'); bobbin.log.debug('n = %d, %j', 1, [2]); bobbin.log.info('é\\n\"'); bobbin.log.warn({ a: 1 });"
        " bobbin.log.warning('w2');\n"
        "bobbin.log.error('e'); bobbin.progress(0.4, 'text'); bobbin.progress(2); bobbin.message('all done');\n"
        "bobbin.checkpoint({ last: 17, d: new Date(0) }); bobbin.checkpoint(null);\n"
        "try { bobbin.progress(NaN); throw 5; } catch (error) { if (!(error instanceof TypeError)) throw error; }\n"
        "console.log(JSON.stringify(bobbin.lastCheckpoint()));\n")

    EVENTS = [
        {"type": "log", "level": "trace", "message": "a"}, {"type": "log", "level": "debug", "message": "n = 1, [2]"},
        {"type": "log", "level": "info", "message": 'é\n"'}, {"type": "log", "level": "warn", "message": "{ a: 1 }"},
        {"type": "log", "level": "warn", "message": "w2"}, {"type": "log", "level": "error", "message": "e"},
        {"type": "progress", "value": 0.4, "text": "text"}, {"type": "progress", "value": 1}, {"type": "message", "text": "all done"},
        {"type": "checkpoint", "value": {"last": 17, "d": "1970-01-01T00:00:00.000Z"}}, {"type": "checkpoint", "value": None}]

    def test_events(self):
        for entry, start in ("main.mjs", "import bobbin from 'bobbin';\n"), ("main.cjs", "const bobbin = require('bobbin');\n"), \
                ("main.mjs", "import * as bobbin from 'bobbin';\n"):
            for fifo in False, True:
                run = self.good(start + self.CODE, entry=entry, plain=True, fifo=fifo, env={"BOBBIN_CHECKPOINT": '{"last":[1]}'})
                self.assertEqual(run.events, self.EVENTS)
                self.assertEqual((run.stdout, run.stderr), ('{"last":[1]}\n', ""))

    def test_without_bobbin(self):
        code = ("import { log, progress, message, checkpoint, lastCheckpoint } from 'bobbin';\n"
                "log.warn('w'); progress(0.5); message('m'); checkpoint(1);\n"
                "console.log(lastCheckpoint());")
        os.mkfifo(self.bundle / "f")
        for events in None, "/nowhere/at/all", str(self.bundle / "f"):
            run = self.good(code, plain=True, env={"BOBBIN_EVENTS": events})
            self.assertEqual((run.stdout, run.stderr), ("null\n", "warn: w\n"))

    def test_long_lines_are_cut(self):
        run = self.good("import { log } from 'bobbin';\n"
                        "for (const x of ['x', '\"', 'é', '\\n', '😀', '\\ud800']) log.info(x.repeat(1e6));", plain=True, fifo=True)
        self.assertEqual(len(run.events), 6)
        for event in run.events:
            self.assertTrue(event["message"].endswith(" [cut]"))
            self.assertGreater(len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()), 50_000)
        run = self.run_script("import { checkpoint } from 'bobbin';\ncheckpoint('x'.repeat(70000));", plain=True)
        self.assertIn("a checkpoint may have at most 65536 bytes", run.stderr)

    def test_threads(self):
        code = ("import bobbin from 'bobbin';\nimport { Worker, isMainThread } from 'node:worker_threads';\n"
                "import { fileURLToPath } from 'node:url';\n"
                "if (isMainThread) for (let i = 0; i < 4; i += 1) new Worker(fileURLToPath(import.meta.url));\n"
                "for (let i = 0; i < 200; i += 1) bobbin.log.info('x'.repeat(1000));")
        run = self.good(code, plain=True, fifo=True)
        self.assertEqual([event["message"] for event in run.events], ["x" * 1000] * 1000)

    def test_each_line_is_one_write(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        trace = Path(self.place.name) / "trace"
        os.mkfifo(self.bundle / "f")
        keep = os.open(self.bundle / "f", os.O_RDWR)
        self.addCleanup(os.close, keep)
        self.write("main.cjs", "const { log } = require('bobbin'); log.info('one'); log.info('y'.repeat(30000));\n")
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=write", "-s", "20", "node", "main.cjs"],
                       cwd=self.bundle, check=True,
                       env={"PATH": os.environ["PATH"], "BOBBIN_EVENTS": str(self.bundle / "f")})
        writes = [line for line in trace.read_text().splitlines() if '{\\"type\\"' in line or "yyyy" in line]
        self.assertEqual(len(writes), 2, writes)

    def test_a_full_pipe_makes_it_wait(self):
        events = self.bundle / "f"
        os.mkfifo(events)
        keep = os.open(events, os.O_RDWR)
        self.addCleanup(os.close, keep)
        self.write("main.cjs", "const { log } = require('bobbin'); for (let i = 0; i < 300; i += 1) log.info('z'.repeat(1000));\n")
        process = subprocess.Popen(["node", "main.cjs"], cwd=self.bundle,
                                   env={"PATH": os.environ["PATH"], "BOBBIN_EVENTS": str(events)})
        read = b""
        while read.count(b"\n") < 300:
            read += os.read(keep, 1 << 16)
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(all(json.loads(line)["message"] == "z" * 1000 for line in read.splitlines()))

    def test_closed_descriptors(self):
        run = self.good("import bobbin from 'bobbin';\nimport fs from 'node:fs';\nbobbin.log.info('1');\n"
                        "for (const fd of fs.readdirSync('/proc/self/fd')) { try { "
                        "if (fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith('events')) fs.closeSync(Number(fd)); } catch {} }\n"
                        "const other = fs.openSync('other', 'w');\n"
                        "bobbin.log.info('2'); fs.writeSync = null; bobbin.log.info('3');", plain=True, fifo=True)
        self.assertEqual([event["message"] for event in run.events], ["1", "2", "3"])
        self.assertEqual((self.bundle / "other").read_text(), "")


if __name__ == "__main__":
    unittest.main()
