"""bobbin.R: what an R script tells while it runs, and what it does where nobody listens."""

import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from r_bundle import FILES, HarnessTest


class HelperTests(HarnessTest):
    """bobbin.R, without the harness."""

    def test_events(self):
        code = (
            "bobbin$log$trace('a'); bobbin$log$debug('n = ', 1:2); bobbin$log$info('é\\n\"'); bobbin$log$warn('w')"
            "; bobbin$log$warning('w2')\n"
            "bobbin$log$error(simpleError('e')); bobbin$progress(0.4, 'text'); bobbin$progress(2); bobbin$message('all ', 'done')\n"
            "bobbin$checkpoint(list(last = 17, d = as.Date('2024-01-01'))); bobbin$checkpoint(NULL)\n"
            "try(bobbin$progress(NaN), TRUE) -> failed; stopifnot(inherits(failed, 'try-error'))\n"
            "rm(list = ls()); str(bobbin$last_checkpoint())\n")
        for fifo in False, True:
            run = self.good(code, plain=True, fifo=fifo, env={"BOBBIN_CHECKPOINT": '{"last":[1,2],"t":"é"}'})
            self.assertEqual(run.events, [
                {"type": "log", "level": "trace", "message": "a"}, {"type": "log", "level": "debug", "message": "n = 12"},
                {"type": "log", "level": "info", "message": 'é\n"'}, {"type": "log", "level": "warn", "message": "w"},
                {"type": "log", "level": "warn", "message": "w2"}, {"type": "log", "level": "error", "message": "e"},
                {"type": "progress", "value": 0.4, "text": "text"}, {"type": "progress", "value": 1},
                {"type": "message", "text": "all done"}, {"type": "checkpoint", "value": {"last": 17, "d": "2024-01-01"}},
                {"type": "checkpoint", "value": None}])
            self.assertEqual(run.stdout, 'List of 2\n $ last: num [1:2] 1 2\n $ t   : chr "é"\n')
            self.assertEqual(run.stderr, "")

    def test_nothing_else_changes(self):
        code = "print(search()); print(ls(all.names = TRUE)); print(options()$keep.source); print(conflicts())"
        run = self.good(code, plain=True)
        bare = self.run_script(code, plain=True, env={"R_PROFILE_USER": None})
        words = re.compile(r'"[^"]*"|[A-Za-z]+')
        self.assertEqual([word for word in words.findall(run.stdout) if word != '"bobbin"'], words.findall(bare.stdout))

    def test_without_bobbin(self):
        for events in None, "/nowhere/at/all":
            run = self.good("bobbin$log$warn('w'); bobbin$progress(0.5); bobbin$message('m'); bobbin$checkpoint(1)"
                            "; print(bobbin$last_checkpoint())",
                            plain=True, env={"BOBBIN_EVENTS": events})
            self.assertEqual((run.stdout, run.stderr), ("NULL\n", "warn: w\n"))

    def test_a_fifo_that_nobody_reads(self):
        os.mkfifo(self.bundle / "f")
        run = self.good("bobbin$log$warn('w')", plain=True, env={"BOBBIN_EVENTS": str(self.bundle / "f")})
        self.assertEqual(run.stderr, "warn: w\n")

    def test_long_lines_are_cut(self):
        run = self.good("for (x in c('x', '\"', 'é', '\\n')) bobbin$log$info(strrep(x, 1e6)); bobbin$message(strrep('é', 1e5))",
                        plain=True, fifo=True)
        self.assertEqual(len(run.events), 5)
        for event in run.events:
            text = event.get("message", event.get("text"))
            self.assertTrue(text.endswith(" [cut]"))
            self.assertGreater(len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()), 50_000)
        run = self.run_script("bobbin$checkpoint(strrep('x', 70000))", plain=True)
        self.assertIn("a checkpoint may have at most 65536 bytes as JSON", run.stderr)

    def test_each_line_is_one_write(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        trace = Path(self.place.name) / "trace"
        os.mkfifo(self.bundle / "f")
        keep = os.open(self.bundle / "f", os.O_RDWR)
        self.addCleanup(os.close, keep)
        self.write("main.R", "bobbin$log$info('one'); bobbin$log$info(strrep('y', 30000))\n")
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=write", "-s", "20", "Rscript", "main.R"],
                       cwd=self.bundle, check=True,
                       env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "R_PROFILE_USER": str(FILES / "bobbin.R"),
                            "BOBBIN_EVENTS": str(self.bundle / "f")})
        writes = [line for line in trace.read_text().splitlines() if '{\\"type\\"' in line or "yyyy" in line]
        self.assertEqual(len(writes), 2, writes)

    def test_closed_connections_and_children(self):
        run = self.good(
            "bobbin$log$info('1'); closeAllConnections(); f <- file('other', 'w'); bobbin$log$info('2'); close(f)\n"
            "invisible(parallel::mclapply(1:3, function(i) bobbin$log$info('child')))\nbobbin$log$info('3')", plain=True, fifo=True)
        self.assertEqual(sorted(event["message"] for event in run.events), ["1", "2", "3", "child", "child", "child"])
        self.assertEqual((self.bundle / "other").read_text(), "")

    def test_bytes_that_are_not_utf_8(self):
        run = self.good("bobbin$log$info('a\\xffb')", plain=True)
        self.assertEqual(run.events[0]["message"], "a\ufffdb")


if __name__ == "__main__":
    unittest.main()
