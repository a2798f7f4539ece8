#!/usr/bin/env python3
"""The attacks on sandboxes, in a Debian guest with systemd and cgroup v2: what rlimits hold elsewhere is held by a group there.

Part of `make test-vm`. The suite RootAttackTests of the built tests runs in the guest, in a service that its group is delegated to,
with the programs of the same build; VM_ROOTLESS=1 takes RootlessAttackTests as well, which a plain user's rlimits hold as they do
elsewhere. They print a line for each attack and what held it, which is judged here.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import guest
from judge import Judge

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build/debug"
PLACE = "opt/attacks"
PROGRAMS = ("bobbin", "bobbind", "bobbin-launcher", "bobbin-unpack", "bobbin-validate", "bobbinPackageTests.xctest")
SUITES = {"root": "RootAttackTests"}
if os.environ.get("VM_ROOTLESS", "") not in ("", "0"):
    SUITES["rootless"] = "RootlessAttackTests"
LINE = re.compile(r"^\[(\w+)\] (held|NOT HELD) \| (\d+) \| (.*) \| (.*)$")
# Emulated, a script of Python's takes a second to start: whatever is waited for may take so many times as long.
SLOWER = 6
PATIENCE = 1200
# A limit of the manifest, and by what phrase of THREATS it is tried: each must be held by the run's group, as root.
BY_GROUP = {"memory": ("memory: heap", "memory: mmap"), "processes": ("fork bomb", "thread bomb")}


def libraries(program):
    """The toolchain's libraries that it needs, by the paths where it looks for them; Debian's are in the guest."""
    # It fails for a program that needs none.
    found = subprocess.run(["ldd", program], check=False, capture_output=True, text=True).stdout
    paths = re.findall(r"=> (/\S+)", found)
    return {path for path in paths if not path.startswith(("/lib/", "/lib64/", "/usr/lib/"))}


def install(tree):
    """The programs of the debug build, without what only debuggers read, and the toolchain's libraries."""
    shutil.rmtree(tree, ignore_errors=True)
    (tree / PLACE).mkdir(parents=True)
    needed = set()
    for name in PROGRAMS:
        needed |= libraries(BUILT / name)
        subprocess.run(["strip", "--strip-all", "-o", tree / PLACE / name, BUILT / name], check=True)
    for path in needed:
        copy = tree / path.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    guest.stage(tree)
    return tree


def attack(machine, judge, mode, suite):
    begun = time.monotonic()
    log = f"/run/attacks-{mode}"
    tests = f"BOBBIN_PATIENCE={SLOWER} ./{PROGRAMS[-1]} --testing-library swift-testing --filter {suite} >{log} 2>&1; echo $? >{log}.code"
    machine.run(["systemd-run", "--quiet", "-p", "Delegate=yes", f"--unit=attacks-{mode}", "sh", "-c", f"cd /{PLACE}; {tests}"])
    ended = machine.run(["sh", "-c", f"until [ -s {log}.code ]; do sleep 1; done; cat {log}.code"], patience=PATIENCE).out
    output = machine.run(["cat", log]).out
    (ROOT / f".build/vm-attacks/{mode}.log").write_text(output)
    found = [match.groups() for match in map(LINE.match, output.splitlines()) if match]
    held = [line for line in found if line[1] == "held"]
    judge.check(f"{len(held)} of {len(found)} attacks are held, {mode}, in {time.monotonic() - begun:.0f} s",
                ended == "0\n" and found and held == found and " passed after " in output,
                "\n".join(line for line in output.splitlines() if "NOT HELD" in line or "recorded an issue" in line)[:6000])
    if mode == "root":
        for limit, phrases in BY_GROUP.items():
            for phrase in phrases:
                by = [line[4] for line in found if line[3] == phrase]
                judge.check(f"{phrase}: by the run's group", by == [f"{limit}: cgroup"], by)
    return found


def main():
    work = ROOT / ".build/vm-attacks"
    shutil.rmtree(work, ignore_errors=True)
    machine = guest.Guest(install(work / "programs"), work / "guest", processors=2, memory=2048)
    judge, begun = Judge(), time.monotonic()
    try:
        machine.start()
        for mode, suite in SUITES.items():
            attack(machine, judge, mode, suite)
    except guest.Failure as failure:
        judge.check("the test itself", False, failure)
    finally:
        machine.close()
    print(f"{judge.summary()}, in {time.monotonic() - begun:.0f} s")
    return 1 if judge.failed else 0


if __name__ == "__main__":
    sys.exit(main())
