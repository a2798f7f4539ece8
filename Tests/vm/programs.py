"""What is put into the guest: the programs, as `make install` installs them, their unit, and the tests' own part of it."""

import os
import shutil
import subprocess
from pathlib import Path

import guest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PROGRAMS = os.environ.get("BOBBIN_PROGRAMS", ".build/release")
# Where the tests' own programs are in the guest.
PLACE = "opt/bobbin-test"


def install(tree, helpers=()):
    """Makes the tree anew: laid over a Debian's root it is a machine with Bobbin on it. `helpers`: files of `guest/`."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    subprocess.run(
        ["make", "--silent", "install", f"DESTDIR={tree}", "PREFIX=/usr/local", f"BIN={PROGRAMS}"],
        cwd=ROOT, check=True, env={**os.environ, "MAKEFLAGS": ""})
    guest.stage(tree)
    for helper in helpers:
        shutil.copy(HERE / "guest" / helper, tree / PLACE)
    subprocess.run(
        ["clang", "-O2", "-shared", "-fPIC", "-o", str(tree / PLACE / "nosync.so"), str(HERE / "nosync.c")], check=True)
    # An operator's `systemctl enable`; the unit is started by the test, which wants to see it start.
    units = tree / "etc/systemd/system"
    (units / "spool.target.wants").mkdir(parents=True, exist_ok=True)
    (tree / "etc/sysctl.d").mkdir(parents=True, exist_ok=True)
    return tree
