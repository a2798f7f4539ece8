#!/usr/bin/env python3
"""Power cuts: what Bobbin has acknowledged is there after one. `make test-vm`; VM_CUTS=200 for the long form.

In a Debian guest with its own disk, bundles are dropped, by renames and by `bobbin submit`; the guest says what it sees: that an
entry has left the inbox, that `submit` returned, that a result is visible. At a random moment, often just after such a word, the
power is cut (machine.py says what that loses). The guest starts again on the same disk, the daemon with it, and when all is at
rest everything that had been acknowledged must be there: results as they were, runs with exactly one result, which is right
or says that it was interrupted, nothing twice, the history of the same opinion.

First it is shown that this would be found: the disk loses what was not flushed; and with flushes that do nothing (nosync.c)
there are losses.

    VM_CUTS=N    cuts in all (20)
    VM_GUESTS=N  guests at a time (one a processor, at most 2)
    VM_SEED=N    of the random choices, printed at the start
    VM_WRITEBACK usual, early, late or scattered instead of a random one each time
"""

import os
import random
import shutil
import sys
import threading
import time
from pathlib import Path

import guest
import programs
from judge import Judge
from ledger import Ledger

ROOT = Path(__file__).resolve().parents[2]
CUTS = int(os.environ.get("VM_CUTS", "20"))
GUESTS = int(os.environ.get("VM_GUESTS", min(2, os.cpu_count() or 1)))
SEED = int(os.environ.get("VM_SEED", random.SystemRandom().randrange(1 << 30)))
# Without flushes a loss is found at the first or second cut; after so many it is not the test that it should be.
CONTROL_CUTS = 8
SPOOL = "/var/spool/bobbin"
NOSYNC = f"/{programs.PLACE}/nosync.so"
# How the guest's kernel writes back what nobody flushes: as it comes, at once, nearly never, or first what makes most trouble.
WRITEBACK = {"usual": (500, 3000), "early": (5, 5), "late": (6000, 60000), "scattered": (6000, 60000)}


class Site:
    """A guest with a spool, dropped into and cut off again and again."""

    def __init__(self, name, tree, work, is_flushing=True):
        self.guest = guest.Guest(tree, work / name, disks={"spool": "/var/spool"})
        self.name = name
        self.random = random.Random(f"{SEED} {name}")
        self.ledger = Ledger()
        self.is_flushing = is_flushing
        self.round = 0
        self.seconds = {"start": 0.0, "load": 0.0, "judge": 0.0}

    def begin(self):
        """Starts the guest and the daemon in it."""
        begun = time.monotonic()
        self.guest.start()
        if self.round == 0:
            self.settle()
        if not self.is_flushing:
            self.guest.put(
                "/run/systemd/system/bobbin.service.d/nosync.conf", f"[Service]\nEnvironment=LD_PRELOAD={NOSYNC}\n".encode())
        # Scattered, something is flushed after all: no place for the control.
        kinds = ["usual", "early", "late"] + ["scattered"] * (3 if self.is_flushing else 0)
        self.writeback = os.environ.get("VM_WRITEBACK") or self.random.choice(kinds)
        now, later = WRITEBACK[self.writeback]
        self.guest.run(
            ["sh", "-c", f"echo {now} >/proc/sys/vm/dirty_writeback_centisecs; echo {later} >"
             f"/proc/sys/vm/dirty_expire_centisecs; systemctl daemon-reload; systemctl start bobbin;"
             f"for i in $(seq 600); do [ -d {SPOOL}/outbox/default ] && exit; sleep 0.1; done; exit 1"])
        self.seconds["start"] += time.monotonic() - begun

    def settle(self):
        """The spool, before its first start."""
        self.guest.put(f"{SPOOL}/bobbin.yaml", b"slots: 2\nqueues:\n  default: {network: [none, host]}\n")
        self.guest.run(["sync"])

    def load(self):
        """Drops bundles until the power is cut."""
        begun = time.monotonic()
        self.round += 1
        mode = self.random.choice(["busy", "busy", "single"])
        dropper = self.guest.begin(
            [f"/{programs.PLACE}/dropper.py", SPOOL, str(self.round), str(self.random.randrange(1 << 30)), mode,
             self.writeback]
            + ([] if self.is_flushing else [NOSYNC]))
        # Either some time after the first word, or right after the n-th of one kind.
        kind = self.random.choice([None, "result", "result", "submitted", "taken"])
        count = self.random.randrange(1, 12 if mode == "busy" else 4)
        end = None
        patience = begun + guest.PATIENCE
        while end is None or time.monotonic() < end:
            for command, line in self.guest.messages(0.05 if end is None else min(0.05, end - time.monotonic())):
                word = self.ledger.note(line) if command is dropper else None
                if kind is None and word and end is None:
                    end = time.monotonic() + self.random.uniform(0, 6)
                if kind is not None and word == kind:
                    count -= 1
                    if count == 0:
                        end = time.monotonic()
                        break
            if dropper.code is not None or time.monotonic() > patience:
                raise guest.Failure(f"the dropper says nothing more ({dropper.code}): {dropper.err}\n{self.journal()}")
        self.guest.cut()
        for command, line in self.guest.messages(0):
            if command is dropper:
                self.ledger.note(line)
        self.seconds["load"] += time.monotonic() - begun

    def judge(self):
        """What is wrong after a cut, when everything has come to rest."""
        begun = time.monotonic()
        output = self.guest.run([f"/{programs.PLACE}/results.py", SPOOL, "120"]).out
        history = self.guest.run(["bobbin", "history", "--spool", SPOOL, "--json", "--limit", "1000"]).out
        wrong = self.ledger.judge(output, history)
        errors = self.guest.run(["journalctl", "-q", "-b", "-p", "err", "-u", "bobbin", "-o", "cat"], check=False).out
        wrong += [f"the daemon says: {line}" for line in errors.splitlines() if not line.startswith("Failed to set thread")]
        # As a reader does who has seen enough of them; the next round has results of its own.
        self.guest.run(["sh", "-c", f"rm -rf {SPOOL}/outbox/default/* {SPOOL}/inbox/default/.c*"])
        self.seconds["judge"] += time.monotonic() - begun
        return wrong

    def finish(self):
        """The whole history, and the file systems, at the end of all rounds."""
        history = self.guest.run(["bobbin", "history", "--spool", SPOOL, "--json", "--limit", "1000000"]).out
        wrong = self.ledger.judge_all(history)
        rest = self.guest.run([f"/{programs.PLACE}/results.py", SPOOL, "120", "trash"]).out
        wrong += [f"at the end there is {line}" for line in rest.splitlines()]
        check = self.guest.run(
            ["python3", "-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check')"
             ".fetchone()[0])", f"{SPOOL}/history/history.sqlite"]).out.strip()
        if check != "ok":
            wrong.append(f"the history's file: {check}")
        return wrong

    def journal(self):
        if not self.guest.machine.is_running():
            return "(the guest has ended)"
        return self.guest.run(["journalctl", "-q", "-b", "-u", "bobbin", "-o", "cat", "-n", "40"], check=False).out


class Test(Judge):
    # The control

    def disk(self, site):
        """A cut loses what was not flushed, and nothing else."""
        machine = site.guest
        machine.start()
        machine.run(["sh", "-c", "echo 1 >/var/spool/flushed; sync; echo 1 >/var/spool/unflushed;"
                     " dd if=/dev/zero of=/var/spool/direct bs=4096 count=1 oflag=direct"])
        machine.cut()
        machine.start()
        found = machine.run(["ls", "/var/spool"]).out.split()
        machine.run(["rm", "-f", "/var/spool/flushed"])
        machine.cut()
        wrong = [] if "flushed" in found else ["what was flushed is gone"]
        wrong += [f"{name} is there" for name in ["unflushed", "direct"] if name in found]
        self.expect_nothing("the disk loses what was not flushed, and that alone", wrong)

    def control(self, tree, work):
        """Without flushes, acknowledged results are lost."""
        site = Site("control", tree, work, is_flushing=False)
        try:
            self.disk(site)
            found = []
            site.begin()
            while not found and site.round < CONTROL_CUTS:
                site.load()
                site.begin()
                found = [line for line in site.judge() if "was visible" in line or "has no result" in line]
            self.expect_nothing(
                f"without flushes there is a loss, found at cut {site.round}",
                [] if found else [f"none in {site.round} cuts"], f": {found[0]}" if found else "")
        finally:
            site.guest.close()

    # The test itself

    def cuts(self, site, count):
        try:
            site.begin()
            for _ in range(count):
                site.load()
                acknowledged, writeback = site.ledger.acknowledgements(), site.writeback
                site.begin()
                wrong = site.judge()
                self.expect_nothing(f"{site.name}, cut {site.round}", wrong, f": {acknowledged} acknowledgements, {writeback}")
                if wrong:
                    print(site.journal(), flush=True)
            self.expect_nothing(f"{site.name}, all results in the history", site.finish())
        except Exception as error:  # A guest that does not start again is a finding of its own.
            self.expect_nothing(f"{site.name}, after cut {site.round}", [f"{type(error).__name__}: {error}"])
        finally:
            site.guest.close()


def main():
    print(f"VM_SEED={SEED}", flush=True)
    work = ROOT / ".build/vm"
    shutil.rmtree(work, ignore_errors=True)
    test = Test()
    tree = programs.install(work / "programs", ["bundles.py", "dropper.py", "results.py"])
    begun = time.monotonic()
    test.control(tree, work)
    sites = [Site(f"guest-{number + 1}", tree, work) for number in range(max(1, min(GUESTS, CUTS)))]
    threads = []
    for number, site in enumerate(sites):
        share = CUTS // len(sites) + (number < CUTS % len(sites))
        threads.append(threading.Thread(target=test.cuts, args=(site, share)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = sum((site.ledger.counts for site in sites), start=type(sites[0].ledger.counts)())
    print(f"{sum(site.round for site in sites)} power cuts in {time.monotonic() - begun:.0f} s; "
          + ", ".join(f"{count} {what}" for what, count in sorted(total.items())))
    for site in sites:
        print(f"{site.name}: " + ", ".join(f"{what} {value:.0f} s" for what, value in site.seconds.items()))
    print(test.summary())
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
