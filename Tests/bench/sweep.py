#!/usr/bin/env python3
"""What `make bench-history` runs besides the database's part: sweeps of result directories, alone and under load.

Results are made as earlier daemons would have left them, with time stamps of long ago: BENCH_RESULTS=N (100,000; with
BENCH_SHORT=1 2,000).
"""

import os
import signal
import subprocess
import sys
import time

from rows import Rows
from spool import PROGRAMS, SHORT, Spool, percentile

RESULTS = int(os.environ.get("BENCH_RESULTS") or (2_000 if SHORT else 100_000))
DROPS = 100 if SHORT else 400
AGO = time.time() - 100 * 86400
FILES = {
    "state": b"succeeded\n",
    "exit_code": b"0\n",
    "stdout": b"",
    "stderr": b"",
    "manifest.json": b"{}\n" * 100,
    "status.json": b"{}\n" * 300,
}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def run_id(number):
    """A run's id of long ago."""
    value, digits = (int(AGO * 1000) << 80) | number, ""
    for _ in range(26):
        digits = ALPHABET[value & 31] + digits
        value >>= 5
    return digits


def make_results(spool, count, name):
    spool.outbox.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        result = spool.outbox / f"{name}{number % 997}.{run_id(number)}"
        (result / "files").mkdir(parents=True)
        for file, content in FILES.items():
            (result / file).write_bytes(content)
        os.utime(result, (AGO, AGO))
    if os.getuid() == 0:
        owner = spool.inbox.stat()
        subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", spool.outbox], check=True)


def settle(spool, retention):
    """New settings, which the daemon reads and acts upon at once."""
    text = (spool.path / "bobbin.yaml").read_text().split("retention:")[0]
    (spool.path / "bobbin.yaml").write_text(f"{text}retention: {retention}\n")
    if spool.daemon is not None:
        spool.daemon.send_signal(signal.SIGHUP)


KEEP = "{sweep_every: never, results: {age: never, failed_age: never, max_size: never}}"
SWEEP = "{sweep_every: never, results: {age: 30d, failed_age: 30d, keep_last: never, max_size: never}}"


def left(spool):
    return sum(entry.name.startswith("old") for entry in os.scandir(spool.outbox))


def alone(rows):
    with Spool(slots=2) as spool:
        settle(spool, KEEP)
        # A daemon that finds results and no history would bring it back from them.
        spool.start()
        spool.drop_and_wait("warm-up")
        make_results(spool, RESULTS, "old")
        settle(spool, SWEEP)
        start = time.monotonic()
        spool.wait("the sweep", lambda: left(spool) == 0, lambda: left(spool), pause=0.5)
        seconds = time.monotonic() - start
    entries = RESULTS * (len(FILES) + 2)
    rows.title(f"a sweep of {RESULTS} results, {entries} files and directories, on an idle daemon")
    rows.figure("results", f"{RESULTS / seconds:.0f}/s")
    rows.figure("files and directories", f"{entries / seconds:.0f}/s")


def under_load(rows):
    with Spool(slots=2) as spool:
        settle(spool, KEEP)
        # A daemon that finds results and no history would bring it back from them.
        spool.start()
        spool.drop_and_wait("warm-up")
        make_results(spool, RESULTS, "old")
        before = [1000 * spool.drop_and_wait(f"before-{number}")[0] for number in range(DROPS)]
        settle(spool, SWEEP)
        # Until it has begun, its first look at the directories included.
        during = []
        while left(spool) > 0 and len(during) < 16 * DROPS:
            during.append(1000 * spool.drop_and_wait(f"during-{len(during)}")[0])
        rest = left(spool)
    rows.title(f"one drop after another during such a sweep; {len(before)} before, {len(during)} during")
    p50, p99 = percentile(before, 50), percentile(before, 99)
    rows.figure("p50 before, during", f"{p50:.1f}, {percentile(during, 50):.1f} ms")
    now = percentile(during, 99)
    rows.figure("p99 before", f"{p99:.1f} ms")
    rows.target("p99 during", f"≤ {p99 + 10:.1f} ms", f"{now:.1f} ms", now <= p99 + 10)
    rows.figure("results swept meanwhile", f"{RESULTS - rest}")


def main():
    print(f"{os.cpu_count()} processors, Linux {os.uname().release}, programs of {PROGRAMS}", flush=True)
    rows = Rows()
    alone(rows)
    under_load(rows)
    print(f"\n{rows.met} met, {rows.missed} missed, {rows.skipped} skipped", flush=True)


if __name__ == "__main__":
    sys.exit(main())
