#!/usr/bin/python3
"""Drops bundles as users do, and says what it saw, a JSON object a line, as soon as it saw it and never before.

    {"taken": NAME}                               the entry has left the inbox
    {"submitted": RUN, "name": NAME}              `bobbin submit` returned
    {"result": NAME.RUN, "digest": …, "state": …} a result is visible, and was read to its end
    {"ran": [RUN, ATTEMPT]}                       a script said that it runs

It flushes nothing of what it says: that is on disk because Bobbin put it there. But a kernel may write back whatever it likes,
in any order: with `scattered` the records of some runs come to the disk as soon as they are written, and with them the names,
not the content, of the files that they speak of.

usage: dropper.py SPOOL ROUND SEED MODE WRITEBACK [PRELOAD]; MODE: busy, or single (one bundle after the other); WRITEBACK:
scattered, or any other word
"""

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

import bundles
from results import look

QUEUE = "default"
# So many at a time are on their way.
MOST = 12


class Dropper:
    def __init__(self, spool, number, seed, mode, writeback, preload):
        self.spool = spool
        self.inbox = f"{spool}/inbox/{QUEUE}"
        self.outbox = f"{spool}/outbox/{QUEUE}"
        self.number = int(number)
        self.random = random.Random(int(seed))
        self.most = MOST if mode == "busy" else 1
        self.is_scattered = writeback == "scattered"
        self.environment = {**os.environ, "LD_PRELOAD": preload} if preload else None
        self.seen = {entry.name for entry in os.scandir(self.outbox)}
        self.waiting = set()
        self.entries = {}
        self.dropped = 0
        self.submitting = None
        self.lock = threading.Lock()
        self.port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port.bind(("127.0.0.1", bundles.PORT))
        self.port.setblocking(False)

    def say(self, **message):
        with self.lock:
            os.write(1, json.dumps(message).encode() + b"\n")

    def write(self, path, content):
        with open(path, "wb") as file:
            file.write(content)

    def make(self, name, place):
        os.mkdir(place)
        for path, content in bundles.files(name).items():
            self.write(f"{place}/{path}", content)

    def drop(self, name):
        """By a rename, from a hidden name: complete at once."""
        kind = bundles.kind(name)
        entry = name + {"tar": ".tar.gz", "script": ".sh"}.get(kind, "")
        hidden = f"{self.inbox}/.{entry}"
        if kind == "tar":
            self.write(hidden, bundles.archive(name))
        elif kind == "script":
            self.write(hidden, bundles.script(name))
        else:
            self.make(name, hidden)
        os.rename(hidden, f"{self.inbox}/{entry}")
        self.entries[name] = entry

    def submit(self, name):
        source = f"/tmp/{name}"
        if bundles.kind(name) == "submit":
            self.make(name, source)
        else:
            source += ".sh"
            self.write(source, bundles.script(name))
        done = subprocess.run(
            ["bobbin", "submit", "--spool", self.spool, "--queue", QUEUE, source], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, env=self.environment, check=True)
        self.say(submitted=done.stdout.decode().strip(), name=name)

    def next(self):
        """Drops one more, if there is room for it."""
        if len(self.waiting) >= self.most or self.submitting and self.submitting.is_alive():
            return
        self.dropped += 1
        name = f"c{self.number:03}-{self.dropped:04}-{self.random.choice(bundles.KINDS)}"
        self.waiting.add(name)
        if "submit" in name:
            self.submitting = threading.Thread(target=self.submit, args=(name,), daemon=True)
            self.submitting.start()
        else:
            self.drop(name)

    def look(self):
        for name, entry in list(self.entries.items()):
            if not os.path.lexists(f"{self.inbox}/{entry}"):
                del self.entries[name]
                self.say(taken=name)
        for entry in os.scandir(self.outbox):
            if entry.name in self.seen or entry.is_symlink():
                continue
            self.seen.add(entry.name)
            found = look(entry.path)
            self.say(result=entry.name, digest=found["digest"], state=found["state"])
            self.waiting.discard(entry.name.rpartition(".")[0])
        try:
            while True:
                self.say(ran=self.port.recv(100).decode().split())
        except BlockingIOError:
            pass

    def scatter(self):
        """The kernel's part: it may be a dirty page of any file that it writes first."""
        runs = f"{self.spool}/state/runs"
        for run in os.listdir(runs):
            # Half of the runs, always the same.
            if hash(run) % 2:
                continue
            try:
                record = os.open(f"{runs}/{run}/run.json", os.O_RDONLY)
            except OSError:
                continue
            os.fsync(record)
            os.close(record)

    def run(self):
        while True:
            self.next()
            if self.is_scattered:
                self.scatter()
            self.look()
            time.sleep(0.01)


if __name__ == "__main__":
    Dropper(*sys.argv[1:6], *(sys.argv[6:] or [None])).run()
