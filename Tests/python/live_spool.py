"""A fresh spool with the built daemon on it: what the measurements and the soak share."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("BOBBIN_PROGRAMS", ROOT / ".build/release"))
PATIENCE = 300  # seconds without any progress


def place(kind):
    """A directory on .build's file system; not below one closed to others, where root's daemon cannot go."""
    place = ROOT / ".build" / kind
    place.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0 and any(not parent.stat().st_mode & 1 for parent in place.parents):
        elsewhere = Path("/var/tmp")
        if elsewhere.stat().st_dev == place.stat().st_dev:
            return elsewhere
    return place


class LiveSpool:
    """The spool is `path`; `work` around it is removed when the program ends."""

    def __init__(self, kind, settings):
        for program in ("bobbind", "bobbin"):
            if not os.access(PROGRAMS / program, os.X_OK):
                raise RuntimeError(f"{PROGRAMS / program} is not there; run 'make build' first")
        self.work = Path(tempfile.mkdtemp(prefix=f"bobbin-{kind}.", dir=place(kind)))
        self.work.chmod(0o755)
        self.path = self.work / "spool"
        self.daemon = None
        self.command("init")
        (self.path / "bobbin.yaml").write_text(settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self.close()
            # Only when all is done: ext4 without a journal looks past every inode that was deleted in the last minutes before
            # it makes a new one, and that would be the next part's time.
            atexit.register(shutil.rmtree, self.work, ignore_errors=True)

    def close(self):
        """Gives back what a subclass holds."""

    def command(self, *arguments, check=True, **more):
        found = subprocess.run(
            [PROGRAMS / "bobbin", *arguments, "--spool", self.path],
            capture_output=True,
            text=True,
            check=False,
            **more,
        )
        if check and found.returncode != 0:
            raise RuntimeError(f"bobbin {' '.join(map(str, arguments))} ended with {found.returncode}: {found.stderr}")
        return found

    # The daemon's life.

    def launch(self, before=()):
        """Starts the daemon, `before` being what goes before its command, and waits for nothing."""
        command = [*before, PROGRAMS / "bobbind", "--spool", self.path]
        with open(self.path_of_log(), "ab") as log:
            self.daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def path_of_log(self):
        return self.work / "log"

    def log(self, most=2000):
        return self.path_of_log().read_text(errors="replace")[-most:]

    def stop(self):
        if self.daemon is None:
            return
        self.daemon.send_signal(signal.SIGTERM)
        try:
            code = self.daemon.wait(60)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            raise RuntimeError(f"bobbind did not end within 60 s of SIGTERM:\n{self.log()}") from None
        finally:
            self.daemon = None
        if code != 0:
            raise RuntimeError(f"bobbind ended with {code}:\n{self.log()}")

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def wait(self, what, done, progress=lambda: None, pause=0.005):
        last, since = progress(), time.monotonic()
        while not done():
            if self.daemon is not None and self.daemon.poll() is not None:
                code, self.daemon = self.daemon.returncode, None
                raise RuntimeError(f"bobbind ended with {code} while waiting for {what}:\n{self.log()}")
            now = progress()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                raise RuntimeError(f"nothing happened for {PATIENCE} s while waiting for {what}:\n{self.log()}")
            time.sleep(pause)

    # The daemon's processes.

    @staticmethod
    def children(pid):
        found = []
        for task in os.listdir(f"/proc/{pid}/task"):
            found += [int(child) for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
        return found

    def processes(self):
        """The daemon's own processes, keeper and launcher included: those that run a program whose name begins so."""
        found, edge = [], [self.daemon.pid]
        while edge:
            pid = edge.pop()
            try:
                edge += self.children(pid)
                name = Path(f"/proc/{pid}/comm").read_text().strip()
            except FileNotFoundError:
                continue
            if name.startswith("bobbin"):
                found.append((pid, name))
        return found
