"""Who drops: several writers at once, each with its own source of chance, in every way that the contract knows."""

import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import bundles

SETTLE = 1.0  # intake.settle of the soak's settings, in seconds
BACKLOG = 60  # unfinished drops that writers do not go beyond


class Writer(threading.Thread):
    def __init__(self, soak, plan, source):
        super().__init__(daemon=True)
        self.soak, self.plan, self.source = soak, plan, source
        self.place = soak.spool.work / f"writer-{id(self):x}"
        self.place.mkdir()
        self.orders = {}
        self.error = None

    def run(self):
        try:
            for drop in self.plan:
                self.soak.wait_for_room(BACKLOG)
                self._one(drop)
                time.sleep(self.source.random() * 0.05)
        except BaseException as error:
            self.error = error
            raise

    def _one(self, drop):
        key = drop.queue, drop.name
        drop.order = self.orders[key] = self.orders.get(key, 0) + 1
        path = bundles.make(drop, self.place, self.source, self.soak.witness.port)
        # In the name, except by submit, which chooses one itself unless the file's name has one.
        drop.run = bundles.ulid(self.source) if drop.chosen else None
        self.soak.add(drop)
        if drop.cancel == "before":
            self._cancel(drop)
        kept = None
        if drop.again:
            kept = self.place / f"again-{drop.token}"
            shutil.copyfile(path, kept)
        self._drop(drop, path)
        if drop.cancel == "after":
            time.sleep(self.source.random() * 0.2)
            self._cancel(drop)
        # Whoever drops a name again waits until the former is taken; a copy of the same may come at any moment.
        for number in range(drop.again):
            time.sleep(self.source.choice([0, 0, 0.1, 1.5]))
            self._send_again(drop, kept, number)
        self._wait_taken(drop)
        self._see_link(drop)
        if drop.again and self.source.random() < 0.3:
            self._conflict(drop)
        shutil.rmtree(self.place / f"made-{drop.token}")

    # Ways.

    def _drop(self, drop, path):
        inbox = self.soak.spool.path / "inbox" / drop.queue
        began = time.monotonic()
        if drop.way == "submit":
            self._submit(drop, path)
        elif drop.way == "mv":
            path.rename(inbox / drop.entry)
        elif drop.way == "cp":
            subprocess.run(["cp", "-r", path, inbox / drop.entry], check=True)
        elif path.is_dir():
            subprocess.run(["rsync", "-a", f"{path}/", inbox / drop.entry], check=True)
        else:
            subprocess.run(["rsync", path, inbox / drop.entry], check=True)
        # A directory made in place is complete by silence: if this machine paused its writer for long, nobody can tell.
        if drop.form == "directory" and drop.way in ("cp", "rsync"):
            drop.is_whole = time.monotonic() - began < SETTLE * 0.9
        drop.is_dropped = True
        self.soak.count(drop.form if drop.form != "archive" else drop.ending, drop.way)

    def _submit(self, drop, path):
        named = path.with_name(drop.name + (f".{drop.run}" if drop.run else "") + drop.ending)
        path.rename(named)
        arguments = ["submit", "--queue", drop.queue, named]
        if drop.input is not None:
            arguments += ["--input", drop.input]
        drop.run = self.soak.spool.command(*arguments).stdout.strip()

    def _send_again(self, drop, kept, number):
        """The same once more, by a rename, before, during or after its run; sometimes under another name."""
        name = drop.name if number == 0 else f"{drop.name}-copy"
        copy = self.place / f"copy-{drop.token}"
        shutil.copyfile(kept, copy)
        copy.rename(self.soak.spool.path / "inbox" / drop.queue / f"{name}.{drop.run}{drop.ending}")
        self.soak.count("sent again")

    def _conflict(self, drop):
        other = bundles.conflict(drop, f"{drop.token}-other")
        path = bundles.make(other, self.place, self.source, self.soak.witness.port)
        self.orders[drop.queue, drop.name] += 1
        other.order = self.orders[drop.queue, drop.name]
        self.soak.add(other)
        path.rename(self.soak.spool.path / "inbox" / other.queue / other.entry)
        other.is_dropped = True
        self._wait_taken(other)
        self.soak.count("other content, same id")

    # What a dropper may rely on.

    def _wait_taken(self, drop):
        entry = drop.entry
        if drop.way == "submit":
            entry = f"{drop.name}.{drop.run}{drop.ending}"
        path = self.soak.spool.path / "inbox" / drop.queue / entry
        end = time.monotonic() + 120
        while os.path.lexists(path):
            if time.monotonic() > end:
                raise RuntimeError(f"{drop.queue}/{entry} was not taken within 120 s")
            time.sleep(0.01)

    def _see_link(self, drop):
        """When the entry has left the inbox, no older result of that name is in the way."""
        link = self.soak.spool.path / "outbox" / drop.queue / drop.name
        try:
            status = json.loads((link / "status.json").read_text())
        except OSError:
            return
        older = self.soak.older(drop)
        if status["run"] in older or status.get("labels", {}).get("drop") in older:
            self.soak.complain(f"{drop.queue}/{drop.name}: taken, and the link still shows {status['run']}")

    def _cancel(self, drop):
        Path(self.soak.spool.path, "control/cancel", drop.run).touch()
        self.soak.count(f"cancelled {drop.cancel}")
