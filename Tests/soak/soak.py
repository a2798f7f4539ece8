#!/usr/bin/env python3
"""What `make soak` runs: bundles of all kinds from several writers, kill -9 at random moments, and proof of the promises.

Whoever drops, reads and kills decides by chance, from one seed that is printed; SOAK_SEED=N decides the same again, as
far as the machine's own timing allows. SOAK_SHORT=1 takes a minute or two; SOAK_DROPS and SOAK_KILLS say how many. The
checker knows what was dropped, and judges from the outbox, the history and what the scripts themselves reported. Then it
is tried itself: harm done behind its back must be found. The last line is `N passed, N failed`.
"""

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import bundles
from evidence import gather
from killer import Killer
from promises import PROMISES
from reader import Reader
from tampering import TAMPERINGS
from witness import Witness
from writers import Writer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from live_spool import LiveSpool  # noqa: E402

SHORT = os.environ.get("SOAK_SHORT", "") not in ("", "0")
DROPS = int(os.environ.get("SOAK_DROPS", 300 if SHORT else 2000))
KILLS = int(os.environ.get("SOAK_KILLS", 20 if SHORT else 100))
SEED = int(os.environ.get("SOAK_SEED") or int.from_bytes(os.urandom(4), "big"))
WRITERS = 4
QUEUES = ["default", "second"]
DELETED = 0.15  # of all results, by their reader
SETTINGS = """\
slots: 3
min_free_space: 1MiB
intake: {settle: 1s, quiet: 50ms, rescan: 2s, max_queued: 40}
queues:
  default: {network: [none, host]}
  second: {network: [none, host], slots: 2}
"""


class Soak:
    def __init__(self, spool):
        self.spool = spool
        self.witness = Witness()
        self.drops, self.complaints, self.counts = [], [], Counter()
        self.is_written = False
        self._lock = threading.Lock()
        chances = bundles.sources(SEED, WRITERS + 3)
        plans = bundles.plan(chances[0], DROPS, QUEUES, WRITERS)
        self.reader = Reader(self, chances[1], DELETED)
        self.killer = Killer(self, KILLS, chances[2])
        self.writers = [Writer(self, plan, chance) for plan, chance in zip(plans, chances[3:], strict=True)]

    # What the threads tell and ask.

    def add(self, drop):
        with self._lock:
            self.drops.append(drop)

    def older(self, drop):
        """Run ids and tokens of earlier drops of a name."""
        with self._lock:
            found = [d for d in self.drops if (d.queue, d.name) == (drop.queue, drop.name) and d.order < drop.order]
        return {one for each in found for one in (each.run, each.token) if one}

    def complain(self, text):
        with self._lock:
            if text not in self.complaints:
                print(f"seen: {text}", flush=True)
                self.complaints.append(text)

    def count(self, *keys):
        with self._lock:
            self.counts.update(keys)

    def wait_for_room(self, backlog):
        while len(self.drops) - len(self.reader.seen) > backlog and not self.errors():
            time.sleep(0.01)

    def wait_for_drops(self, share, is_over):
        while len(self.drops) < share * DROPS and not is_over() and not self.is_written:
            time.sleep(0.01)

    def errors(self):
        return [thread.error for thread in (self.reader, self.killer, *self.writers) if thread.error]

    # The whole of it.

    def run(self):
        for queue in QUEUES:
            (self.spool.path / "inbox" / queue).mkdir(exist_ok=True)
        for queue in QUEUES:
            (self.spool.path / "outbox" / queue).mkdir(parents=True, exist_ok=True)
        self.spool.launch()
        for thread in (self.reader, *self.writers, self.killer):
            thread.start()
        for thread in (*self.writers, self.killer):
            while thread.is_alive():
                thread.join(1)
                if self.errors():
                    raise RuntimeError(f"{self.errors()[0]}\n{self.spool.log()}")
            self.is_written = self.is_written or thread is self.writers[-1]
        self.spool.wait("everything to be over", lambda: not self._unfinished(), self._unfinished, pause=0.1)
        self.spool.stop()
        self.reader.is_over = True
        self.reader.join()
        self.reader.look()
        if self.reader.error:
            raise self.reader.error

    def _unfinished(self):
        found = len(gather(self).left)
        return found

    def evidence(self):
        return gather(self)


def judge(soak):
    """Each promise and what contradicts it."""
    evidence = soak.evidence()
    return {promise: list(promise(evidence)) for promise in PROMISES}


def check_promises(soak):
    good = 0
    for promise, problems in judge(soak).items():
        print(f"{'FAILED' if problems else 'ok':7}{promise.__doc__}", flush=True)
        for problem in problems[:10]:
            print(f"       {problem}")
        if len(problems) > 10:
            print(f"       and {len(problems) - 10} more")
        good += not problems
    return good, len(PROMISES) - good


def check_checker(soak):
    good = 0
    for tampering in TAMPERINGS:
        before = judge(soak)
        with tampering(soak) as broken:
            found = [problem for problem in judge(soak)[broken] if problem not in before[broken]]
        is_mended = judge(soak) == before
        print(f"{'ok' if found and is_mended else 'FAILED':7}found when {tampering.__doc__}", flush=True)
        good += bool(found) and is_mended
    return good, len(TAMPERINGS) - good


def tell(soak, seconds):
    evidence = soak.evidence()
    states = Counter(row["state"] for row in evidence.rows)
    problems = judge(soak)
    lost = sum(len(list(problems[promise])) for promise in PROMISES[:2])
    doubles = len(problems[PROMISES[2]])
    kills = ", ".join(f"{count} {victim}" for victim, count in soak.killer.kills.items() if victim != "stop")
    print(f"ways: {', '.join(f'{count} {what}' for what, count in sorted(soak.counts.items()))}")
    print(f"states: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}")
    print(f"kills: {soak.killer.total} ({kills}), stops: {soak.killer.kills['stop']}")
    print(
        f"bundles={len(evidence.drops)} kills={soak.killer.total} interrupted={states['interrupted']}"
        f" deleted={len(evidence.deleted)} starts={len(evidence.starts)} losses={lost} doubles={doubles}"
        f" seconds={seconds:.0f}"
    )


def main():
    print(f"seed {SEED}, {DROPS} drops, {KILLS} kills; SOAK_SEED={SEED} decides the same again", flush=True)
    passed = failed = 0
    with LiveSpool("soak", SETTINGS) as spool:
        soak = Soak(spool)
        began = time.monotonic()
        soak.run()
        seconds = time.monotonic() - began
        for check in (check_promises, check_checker):
            good, bad = check(soak)
            passed, failed = passed + good, failed + bad
        tell(soak, seconds)
        if failed:
            print(f"the daemon's last words:\n{spool.log(6000)}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
