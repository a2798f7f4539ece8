#!/usr/bin/env python3
"""What `make bench-history` runs: a history of many runs, made by the daemon's own writer, and what it costs to use it.

BENCH_ROWS=N takes N rows (10,000,000; with BENCH_SHORT=1 a hundredth). BENCH_HISTORY=FILE keeps the history there, or takes
it from there. Each row prints its target, what was measured, and whether it was met; a missed target is a figure, not an
error. Beside wall time stands processor time: they differ where others use the machine.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import spool
from rows import Rows
from spool import SHORT

ROWS = int(os.environ.get("BENCH_ROWS") or (100_000 if SHORT else 10_000_000))
ROUNDS = 5 if SHORT else 11
STARTS = 3 if SHORT else 7
TOOL = spool.PROGRAMS / "bobbin-bench-history"


def tool(*arguments):
    """The answers of the program that makes and asks histories."""
    found = subprocess.run([TOOL, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode != 0:
        raise RuntimeError(f"{TOOL.name} {arguments[0]} ended with {found.returncode}")
    return [json.loads(line) for line in found.stdout.splitlines()]


def size(path):
    return sum(os.stat(f"{path}{end}").st_size for end in ("", "-wal") if os.path.exists(f"{path}{end}"))


def making(rows, path):
    rows.title(f"{ROWS} runs added by the daemon's writer, 500 a transaction")
    made = tool("make", path, ROWS)[0]
    rows.figure("rows a second", f"{made['rows_per_second']}")
    rows.figure("processor time a row", f"{made['processor_microseconds_per_row']} us")


def questions(rows, path):
    answers = tool("ask", path, ROUNDS)
    asked = [answer for answer in answers if "filters" in answer]
    for pairs, title in ((False, "one filter"), (True, "two filters")):
        found = [answer for answer in asked if ("+" in answer["filters"]) == pairs]
        rows.title(f"the last 50 by {title}: {len(found)} questions, median of {ROUNDS} each, in ms")
        for filters in sorted({answer["filters"] for answer in found}):
            worst = max((a for a in found if a["filters"] == filters), key=lambda answer: answer["milliseconds"])
            name = f"{filters}: {worst['question']} ({worst['processor']:.1f} of processor)"
            rows.target(name, "< 20", f"{worst['milliseconds']:.2f}", worst["milliseconds"] < 20)
        rows.figure("median of all questions", f"{statistics.median(a['milliseconds'] for a in found):.2f}")
        late = sum(answer["milliseconds"] >= 20 for answer in found)
        rows.figure("questions that took 20 ms or longer", f"{late} of {len(found)}")
    rows.title("a year's statistics, in ms")
    for answer in answers:
        if "statistics" in answer:
            name, taken = f"by {answer['statistics']} ({answer['processor']:.1f} of processor)", answer["milliseconds"]
            if answer["statistics"] == "day":
                rows.target(name, "< 50", f"{taken:.2f}", taken < 50)
            else:
                rows.figure(name, f"{taken:.2f}")


def starting(rows, path):
    """From the start of the daemon to the result of a bundle that waited for it, with and without the history."""
    taken = {}
    for _ in range(STARTS):
        for name in ("empty", "full"):
            with spool.Spool(slots=1) as place:
                if name == "full":
                    database = place.path / "history/history.sqlite"
                    database.parent.mkdir(exist_ok=True)
                    for end in ("-wal", "-shm", ""):
                        if os.path.exists(f"{path}{end}"):
                            shutil.move(f"{path}{end}", f"{database}{end}")
                    if os.getuid() == 0:
                        owner = os.stat(database.parent)
                        for file in database.parent.iterdir():
                            os.chown(file, owner.st_uid, owner.st_gid)
                place.fill(1)
                start = time.monotonic()
                place.start()
                place.wait_results(1)
                taken.setdefault(name, []).append(time.monotonic() - start)
                place.stop()
                if name == "full":
                    for end in ("-wal", "-shm", ""):
                        if os.path.exists(f"{database}{end}"):
                            shutil.move(f"{database}{end}", f"{path}{end}")
    empty, full = (statistics.median(taken[name]) for name in ("empty", "full"))
    rows.title(f"start of the daemon until a waiting bundle's result, median of {STARTS}, in ms")
    rows.figure("with an empty history", f"{1000 * empty:.0f}")
    rows.target("with this one", "<= 1.1 x", f"{full / empty:.2f} x", full <= 1.1 * empty)


def sweeping(rows, path):
    """Last: it forgets runs."""
    forgotten = max(1000, ROWS // 10)
    found = tool("sweep", path, forgotten)[0]
    ratio = found["during_sweep"] / found["rows_per_second"]
    rows.title(f"while a sweep forgets {found['forgotten']} runs and gives their pages back")
    rows.figure("rows added a second without it", f"{found['rows_per_second']}")
    rows.target("with it, to that without", ">= 0.8 x", f"{ratio:.2f} x", ratio >= 0.8)
    rows.figure("runs forgotten a second meanwhile", f"{found['forgotten_per_second']}")


def main():
    rows, failures = Rows(), []
    print(f"{os.cpu_count()} processors, Linux {os.uname().release}, {ROWS} rows", flush=True)
    kept = os.environ.get("BENCH_HISTORY")
    place = Path(tempfile.mkdtemp(prefix="bobbin-bench-history.", dir=spool.place("bench")))
    place.chmod(0o755)
    path = kept or str(place / "history.sqlite")
    try:
        if not os.path.exists(path):
            making(rows, path)
        rows.title("the file")
        rows.figure("MiB for a million rows", f"{size(path) / (1 << 20) / ROWS * 1_000_000:.0f}")
        for part in (questions, starting, sweeping):
            try:
                part(rows, path)
            except (RuntimeError, OSError, ValueError, LookupError) as error:
                failures.append(part.__name__)
                print(f"\n{part.__name__} could not be measured: {error}", flush=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"\n{rows.met} met, {rows.missed} missed, {rows.skipped} skipped", flush=True)
    if failures:
        sys.exit(f"bench-history: not measured: {', '.join(failures)}")


if __name__ == "__main__":
    main()
