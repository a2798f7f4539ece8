"""Who reads: looks at every result the moment it is visible, and deletes some, as any reader may."""

import hashlib
import json
import os
import shutil
import threading
import time
from dataclasses import dataclass

FINAL = {
    "rejected", "errored", "cancelled", "interrupted", "timed_out", "out_of_memory", "limit_exceeded", "killed",
    "failed", "invalid_output", "succeeded",
}  # fmt: skip


@dataclass
class Result:
    """A result directory as it is: never changed by Bobbin after it was seen first."""

    queue: str
    entry: str
    status: dict
    files: dict  # path → sha256, of everything in it
    stdout: bytes

    @property
    def run(self):
        return self.entry[-26:]

    @staticmethod
    def read(queue, path):
        """Raises ValueError for what is not whole."""
        files, stdout = {}, b""
        for parent, _, names in os.walk(path):
            for name in names:
                full = os.path.join(parent, name)
                content = os.readlink(full).encode() if os.path.islink(full) else open(full, "rb").read()
                files[os.path.relpath(full, path)] = hashlib.sha256(content).hexdigest()
                if os.path.relpath(full, path) == "stdout":
                    stdout = content
        for name in ("state", "status.json", "stdout", "stderr"):
            if name not in files:
                raise ValueError(f"has no {name}")
        status = json.loads((path / "status.json").read_text())
        state = (path / "state").read_text()
        if state != status["state"] + "\n" or status["state"] not in FINAL:
            raise ValueError(f"its state is {state!r}, in status.json {status['state']!r}")
        if ("exit_code" in files) != ("exit_code" in status):
            raise ValueError("exit_code is in one place only")
        if "exit_code" in files and (path / "exit_code").read_text() != f"{status['exit_code']}\n":
            raise ValueError("exit_code differs from status.json")
        if path.name != f"{status['name']}.{status['run']}" or status["queue"] != queue:
            raise ValueError(f"is that of {status['queue']}/{status['name']}.{status['run']}")
        return Result(queue, path.name, status, files, stdout)


def listing(outbox):
    """Every result directory that is visible: queue and path."""
    for queue in outbox.iterdir():
        for entry in os.scandir(queue):
            if entry.is_dir(follow_symlinks=False):
                yield queue.name, queue / entry.name


class Reader(threading.Thread):
    def __init__(self, soak, source, share):
        super().__init__(daemon=True)
        self.soak, self.source, self.share = soak, source, share
        self.seen, self.deleted = {}, set()
        self.is_over = False
        self.error = None

    def run(self):
        try:
            while not self.is_over:
                self.look()
                time.sleep(0.02)
        except BaseException as error:
            self.error = error
            raise

    def look(self):
        for queue, path in listing(self.soak.spool.path / "outbox"):
            if (queue, path.name) in self.seen:
                if (queue, path.name) in self.deleted:
                    self.soak.complain(f"{queue}/{path.name} was deleted by its reader and is there again")
                continue
            try:
                result = Result.read(queue, path)
            except (ValueError, KeyError, OSError) as error:
                self.soak.complain(f"{queue}/{path.name} was visible before it was whole: {error}")
                continue
            self.seen[queue, path.name] = result
            if not self.soak.witness.is_silent(result.run, within=5):
                self.soak.complain(f"{queue}/{path.name} was visible while a process of the run was alive")
            if self.source.random() < self.share:
                shutil.rmtree(path)
                self.deleted.add((queue, path.name))
