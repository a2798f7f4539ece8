#!/usr/bin/env python3
"""What `make bench` runs: measures the built daemon beside its neighbours, on this machine, in one run.

Every figure is taken from outside: files in the outbox, /proc and strace. Each row prints its target, what was
measured, and whether it was met; a missed target is a figure, not an error. Exit 1 only if something could not be
measured. BENCH_SHORT=1 takes fewer jobs, rounds and seconds. Of the modules beside this one, spool.py starts and
watches the daemon, neighbours.py runs the others, ways.py measures ways of calling scripts, rows.py prints.
"""

import os
import statistics
import sys
import time

import neighbours
import ways
from rows import Rows
from spool import SHORT, Spool, percentile, place

ROUNDS = 1 if SHORT else 5
JOBS = 300 if SHORT else 2000
DROPS = 60 if SHORT else 500
WAITING = 2000 if SHORT else 10_000
IDLE_BEFORE, IDLE_FOR = (5, 5) if SHORT else (60, 30)
RECOVERIES = 1 if SHORT else 5
TRACED = 100
SANDBOXES = 40 if SHORT else 300
SLOTS = 2
MIB = 1 << 20


def backlog(jobs):
    """Jobs a second with `jobs` bundles waiting at start, and the processor time that each took."""
    with Spool(slots=SLOTS) as spool:
        spool.fill(jobs)
        start = time.monotonic()
        spool.start()
        spool.wait_results(jobs)
        seconds = time.monotonic() - start
        costs = {name: 1000 * used / jobs for name, used in spool.processor_time().items()}
        spool.check_succeeded(jobs)
        return jobs / seconds, costs


def throughput(rows):
    rates, costs = {}, []
    for _ in range(ROUNDS):
        rate, cost = backlog(JOBS)
        rates.setdefault("bobbin", []).append(rate)
        costs.append(cost)
        for name, run in neighbours.BATCHES.items():
            found = run(JOBS, SLOTS)
            if found is None:
                rows.skip(name, "not installed")
            else:
                rates.setdefault(name, []).append(found)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    own = medians["bobbin"]
    rows.title(f"{JOBS} no-op bundles waiting at start, {SLOTS} at a time, durable; median of {ROUNDS}")
    rows.figure("bobbin", f"{own:.0f} jobs/s")
    for name, rate in medians.items():
        if name == "xargs + bwrap":
            ratio = own / rate
            rows.target(f"bobbin : {name} ({rate:.0f} jobs/s)", "≥ 0.50 ×", f"{ratio:.2f} ×", ratio >= 0.5)
        elif name != "bobbin":
            rows.figure(f"bobbin : {name} ({rate:.0f} jobs/s)", f"{own / rate:.2f} ×")
    return costs


def latency(rows):
    """Rename into the inbox → result visible, one at a time, each followed by one bare bwrap."""
    with Spool(slots=SLOTS) as spool:
        spool.start()
        spool.drop_and_wait("warm-up")
        took, bare, steps = [], [], {}
        for number in range(DROPS):
            seconds, parts = spool.drop_and_wait(f"drop-{number:05}")
            took.append(1000 * seconds)
            for name, value in parts.items():
                steps.setdefault(name, []).append(value)
            one = neighbours.bare_bwrap()
            if one is not None:
                bare.append(1000 * one)
    rows.title(f"{DROPS} drops on an idle daemon, rename → result visible")
    for share, limit in ((50, 4.0), (99, None)):
        own = percentile(took, share)
        rows.figure(f"bobbin p{share}", f"{own:.2f} ms")
        if bare:
            other = percentile(bare, share)
            name, ratio = f"p{share} : one bare bwrap ({other:.2f} ms)", own / other
            if limit is None:
                rows.figure(name, f"{ratio:.2f} ×")
            else:
                rows.target(name, f"≤ {limit:.2f} ×", f"{ratio:.2f} ×", ratio <= limit)
    if not bare:
        rows.skip("one bare bwrap", "not installed")
    return steps


def idle(rows):
    with Spool(slots=SLOTS) as spool:
        spool.start()
        spool.drop_and_wait("warm-up")
        time.sleep(IDLE_BEFORE)
        before = spool.context_switches()
        time.sleep(IDLE_FOR)
        after = spool.context_switches()
        # A thread that ended meanwhile had to wake for it; one that is new began at nothing.
        switches = len(before.keys() - after.keys()) + sum(after[thread] - before.get(thread, 0) for thread in after)
        memory = spool.memory("VmRSS")
    rows.title(f"idle daemon, after {IDLE_BEFORE} s without events, no rescan")
    total = sum(memory.values()) / MIB
    rows.target("memory, all its processes", "< 30 MiB", f"{total:.1f} MiB", total < 30)
    for name, size in memory.items():
        rows.figure(f"  {name}", f"{size / MIB:.1f} MiB")
    rows.target(f"context switches in {IDLE_FOR} s", "0", str(switches), switches == 0)


def peak(rows):
    with Spool(slots=SLOTS) as spool:
        spool.fill(WAITING)
        spool.pause()
        spool.start()
        start = time.monotonic()
        spool.wait_taken()
        taken = WAITING / (time.monotonic() - start)
        waiting = sum(spool.memory("VmHWM").values()) / MIB
        spool.resume()
        spool.wait_results(WAITING)
        most = sum(spool.memory("VmHWM").values()) / MIB
    rows.title(f"{WAITING} bundles waiting in a paused queue, then run")
    rows.figure("taken over", f"{taken:.0f} bundles/s")
    rows.figure("peak memory while they wait", f"{waiting:.1f} MiB")
    rows.target("peak memory until all have run", "< 200 MiB", f"{most:.1f} MiB", most < 200)


def recovery(rows):
    """kill -9 of a daemon with many waiting bundles, and the next one: until it takes drops, and until the first result."""
    with Spool(slots=SLOTS) as spool:
        spool.fill(WAITING)
        spool.pause()
        spool.start()
        spool.wait_waiting(WAITING)
        ready = []
        for _ in range(RECOVERIES):
            spool.kill()
            ready.append(spool.start_until_ready())
        spool.kill()
        spool.resume()
        start = time.monotonic()
        spool.start()
        spool.wait_results(1)
        first = time.monotonic() - start
        spool.wait_results(WAITING)
        spool.check_succeeded(WAITING)
    rows.title(f"start after kill -9 with {WAITING} waiting bundles; median of {RECOVERIES}")
    own = statistics.median(ready)
    rows.target("until it is ready", "≤ 2.00 s", f"{own:.2f} s", own <= 2)
    rows.figure("until the first result", f"{first:.2f} s")


def flushes(rows):
    """Calls of fsync and its relatives: those of a daemon that runs many bundles less those of one that runs one."""
    if not neighbours.installed("strace"):
        rows.skip("flushes", "strace is not installed")
        return
    counts = []
    for jobs in (1, TRACED + 1):
        with Spool(slots=SLOTS) as spool:
            spool.fill(jobs)
            spool.start(traced=True)
            spool.wait_results(jobs)
            counts.append(spool.stop_traced())
    per_run = (counts[1] - counts[0]) / TRACED
    rows.title(f"flushes, {TRACED} bundles waiting at start")
    rows.target("sync calls a run", "< 2.00", f"{per_run:.2f}", per_run < 2)


def prices(rows):
    """What the kernel takes for each protection."""
    found = neighbours.prices(SANDBOXES, place("bench"))
    if found is None:
        rows.skip("the price of each protection", "no C compiler is installed")
        return
    rows.title(f"the kernel's price of each protection of a sandbox, medians of {SANDBOXES} with and without it")
    for name, price in found:
        rows.figure(name, f"{price:.0f} us")


def where_time_goes(rows, steps, costs):
    if steps:
        rows.title("where the time goes: one drop on an idle daemon, by status.json (whole ms); mean, in ms")
        for name, values in steps.items():
            rows.figure(name, f"{statistics.mean(values):.2f}")
    if costs:
        rows.title(f"where the time goes: processor time a run with {JOBS} waiting; median of {ROUNDS}, in ms")
        for name in costs[0]:
            rows.figure(name, f"{statistics.median(cost.get(name, 0) for cost in costs):.3f}")
        rows.figure("all", f"{statistics.median(sum(cost.values()) for cost in costs):.3f}")


def main():
    rows, failures = Rows(), []

    def measure(part):
        """One part that cannot be measured does not take the others with it."""
        try:
            return part(rows)
        except (RuntimeError, OSError, ValueError, LookupError) as error:
            failures.append(part.__name__)
            print(f"\n{part.__name__} could not be measured: {error}", flush=True)
            return None

    form = "short" if SHORT else "long"
    print(f"{os.cpu_count()} processors, Linux {os.uname().release}, {form} form", flush=True)
    costs = measure(throughput)
    steps = measure(latency)
    for part in (idle, peak, recovery, flushes, prices, ways.hello, ways.rows_a_second):
        measure(part)
    where_time_goes(rows, steps, costs)
    print(f"\n{rows.met} met, {rows.missed} missed, {rows.skipped} skipped", flush=True)
    if failures:
        sys.exit(f"bench: not measured: {', '.join(failures)}")


if __name__ == "__main__":
    main()
