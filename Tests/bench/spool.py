"""A spool with the built daemon on it, used and measured as any user could."""

import ctypes
import datetime
import json
import os
import select
import signal
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from live_spool import PATIENCE, PROGRAMS, LiveSpool, place  # noqa: E402

__all__ = ["PATIENCE", "PROGRAMS", "SHORT", "Spool", "percentile", "place"]

SHORT = os.environ.get("BENCH_SHORT", "") not in ("", "0")
SETTINGS = """\
slots: {slots}
min_free_space: 1MiB
intake: {{settle: 100ms, quiet: 50ms, rescan: never, max_queued: 100000}}
"""
SCRIPT = b":\n"
QUEUE = "default"
IN_MOVED_TO = 0x80
TICKS = os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * share // 100)]


def _seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Spool(LiveSpool):
    def __init__(self, slots):
        super().__init__("bench", SETTINGS.format(slots=slots))
        self.watch = None
        self.inbox, self.outbox = self.path / "inbox" / QUEUE, self.path / "outbox" / QUEUE
        self.inbox.mkdir(exist_ok=True)

    def close(self):
        if self.watch is not None:
            os.close(self.watch)

    def start(self, traced=False):
        self.trace = self.work / "strace"
        strace = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,syncfs,sync", "-o", self.trace]
        self.launch(strace if traced else ())
        self.wait("the outbox", self.outbox.is_dir)

    def start_until_ready(self):
        """Seconds until it says that it is ready."""
        before, start = self.path_of_log().stat().st_size, time.monotonic()
        self.start()
        self.wait("ready", lambda: b" ready: " in self.path_of_log().read_bytes()[before:], pause=0.002)
        return time.monotonic() - start

    def stop_traced(self):
        """Ends the daemon below strace; strace ends with it. The calls that it made."""
        for pid in self.children(self.daemon.pid):
            os.kill(pid, signal.SIGTERM)
        if self.daemon.wait(60) != 0:
            raise RuntimeError(f"bobbind below strace failed:\n{self.log()}")
        self.daemon = None
        with open(self.trace, errors="replace") as trace:
            return sum("sync" in line and "resumed>" not in line for line in trace)

    # Dropping and waiting.

    def fill(self, count):
        for number in range(count):
            (self.inbox / f"job-{number:05}.sh").write_bytes(SCRIPT)

    def pause(self):
        pauses = self.path / "control/pause"
        pauses.mkdir(parents=True, exist_ok=True)
        (pauses / QUEUE).touch()

    def resume(self):
        (self.path / "control/pause" / QUEUE).unlink()

    def _results(self):
        """Results in the outbox. A directory's link count tells without listing it, where the file system keeps one."""
        links = os.stat(self.outbox).st_nlink
        if links > 1:
            return links - 2
        return sum(entry.is_dir(follow_symlinks=False) for entry in os.scandir(self.outbox))

    def wait_results(self, count):
        self.wait(f"{count} results", lambda: self._results() >= count, self._results)

    def wait_taken(self):
        def left():
            return sum(not entry.name.startswith(".") for entry in os.scandir(self.inbox))

        self.wait("the inbox to be empty", lambda: left() == 0, left, pause=0.05)

    def wait_waiting(self, count):
        def waiting():
            live = self.path / "active" / QUEUE
            return sum(entry.name[0] != "." for entry in os.scandir(live)) if live.is_dir() else 0

        self.wait(f"{count} waiting bundles", lambda: waiting() >= count, waiting, pause=0.1)

    def check_succeeded(self, count):
        states = [(Path(entry) / "state").read_text() for entry in os.scandir(self.outbox) if not entry.is_symlink()]
        good = states.count("succeeded\n")
        if good != count or len(states) != count:
            raise RuntimeError(f"{count} bundles gave {len(states)} results, {good} of them succeeded:\n{self.log()}")

    def _visible(self, name):
        """Waits for the rename of the result, by inotify; its path and the moment."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not select.select([self.watch], [], [], 1)[0]:
                if self.daemon.poll() is not None:
                    raise RuntimeError(f"bobbind ended while waiting for {name}:\n{self.log()}")
                continue
            seen, events, offset = time.monotonic(), os.read(self.watch, 1 << 16), 0
            while offset < len(events):
                _, _, _, size = struct.unpack_from("iIII", events, offset)
                entry = os.fsdecode(events[offset + 16 : offset + 16 + size].rstrip(b"\0"))
                offset += 16 + size
                if entry.startswith(name + ".") and (self.outbox / entry / "state").exists():
                    return self.outbox / entry, seen
        raise RuntimeError(f"no result of {name}:\n{self.log()}")

    def _watch_outbox(self):
        if self.watch is None:
            libc = ctypes.CDLL(None, use_errno=True)
            self.watch = libc.inotify_init1(os.O_CLOEXEC)
            if self.watch < 0 or libc.inotify_add_watch(self.watch, os.fsencode(self.outbox), IN_MOVED_TO) < 0:
                raise OSError(ctypes.get_errno(), "inotify")

    @staticmethod
    def _succeeded(name, result):
        status = json.loads((result / "status.json").read_text())
        if status["state"] != "succeeded":
            raise RuntimeError(f"{name} ended as {status['state']}: {status.get('reason')}")
        return status

    def drop_bundle_and_wait(self, name, files):
        """The same for a directory with these files: seconds, and its status.json."""
        self._watch_outbox()
        bundle = self.work / name
        bundle.mkdir()
        for file, content in files.items():
            (bundle / file).write_bytes(content)
        start = time.monotonic()
        bundle.rename(self.inbox / name)
        result, seen = self._visible(name)
        return seen - start, self._succeeded(name, result)

    def drop_and_wait(self, name):
        """Seconds from the rename into the inbox to the visible result, and milliseconds by step."""
        self._watch_outbox()
        script = self.work / "script"
        script.write_bytes(SCRIPT)
        dropped, start = time.time(), time.monotonic()
        script.rename(self.inbox / f"{name}.sh")
        result, seen = self._visible(name)
        status = self._succeeded(name, result)
        submitted, started, finished = (_seconds(status[f"{step}_at"]) for step in ("submitted", "started", "finished"))
        steps = {
            "renamed → submitted_at (noticed, claimed)": submitted - dropped,
            "submitted_at → started_at (taken over, flushed)": started - submitted,
            "started_at → finished_at (in the sandbox)": finished - started,
            "finished_at → visible (collected, flushed, published)": dropped + (seen - start) - finished,
        }
        return seen - start, {step: 1000 * value for step, value in steps.items()}

    # What the daemon's processes take.

    @staticmethod
    def _status(pid, thread, key):
        for line in Path(f"/proc/{pid}/task/{thread}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        return 0

    def memory(self, key):
        return {f"{name} ({pid})": 1024 * self._status(pid, pid, key) for pid, name in self.processes()}

    def context_switches(self):
        """By thread, of all the daemon's threads that there are."""
        keys = ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")
        switches = {}
        for pid, _ in self.processes():
            for thread in os.listdir(f"/proc/{pid}/task"):
                try:
                    switches[pid, thread] = sum(self._status(pid, thread, key) for key in keys)
                except FileNotFoundError:
                    continue
        return switches

    def processor_time(self):
        """Seconds by program and mode; what a process's ended children took stands apart from its own."""
        found = {}
        for pid, name in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            user, system, child_user, child_system = (int(field) / TICKS for field in fields[11:15])
            for part, used in (
                (f"{name}, user", user),
                (f"{name}, kernel", system),
                (f"below {name}: sandboxes, scripts, tools", child_user + child_system),
            ):
                found[part] = found.get(part, 0) + used
        return found
