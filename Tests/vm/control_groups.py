#!/usr/bin/env python3
"""Control groups: what a run's memory, processes and processors are held by, in a Debian guest with systemd and cgroup v2.

Part of `make test-vm`. bobbind runs in the guest as the service that `make install` installs, as another service that nothing is
delegated to, as a plain user's, and below a group that bobbin.yaml names. What each run came to is read from its result.
"""

import json
import re
import shutil
import sys
import time
from pathlib import Path

import guest
import programs
from judge import Judge

ROOT = Path(__file__).resolve().parents[2]
SPOOL = "/var/spool/bobbin"
SERVICE = "/sys/fs/cgroup/system.slice/bobbin.service"
REQUIRE = "sandbox: {require: [namespaces, seccomp, memory, processes, cpu]%s}\n"
QUEUE = "queues: {default: {max_limits: {tmp: 400MiB}}}\n"
MiB = 1 << 20

# Each wants more memory than the 64 MiB that it gets, in its own way.
HOGS = {
    "heap": "data = []\nwhile True: data.append(bytearray(1 << 20)); data[-1][::4096] = b'x' * 256",
    "mmap": "import mmap\nm = mmap.mmap(-1, 300 << 20)\nfor i in range(0, len(m), 4096): m[i] = 1",
    "private-mmap":
        "import mmap\nm = mmap.mmap(-1, 300 << 20, flags=mmap.MAP_PRIVATE)\nfor i in range(0, len(m), 4096): m[i] = 1",
    "tmpfs": "f = open('/tmp/f', 'wb')\nwhile True: f.write(bytes(1 << 20)); f.flush()",
    "shm": "n = 0\nwhile True: open(f'/dev/shm/{n}', 'wb').write(bytes(1 << 20)); n += 1",
    # None of them is large.
    "family": "import os, time\nfor _ in range(12):\n    if os.fork() == 0: break\ndata = bytearray(8 << 20)\n"
              "data[::4096] = b'x' * len(data[::4096])\ntime.sleep(60)",
    "child": "import os\nif os.fork() == 0:\n    data = []\n    while True: data.append(bytearray(1 << 20))\n"
             "os.wait()\nprint('went on without it')",
}
# Page cache is given back, not held against the run.
CACHE = ("import os\nfor n in range(2):\n    with open('f', 'wb') as f:\n        for _ in range(90): f.write(bytes(1 << 20))\n"
         "    with open('f', 'rb') as f:\n        while f.read(1 << 20): pass\nprint(os.stat('f').st_size)")
FORKS = ("import os, time\nmade = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(600)\n        made += 1\n"
         "except OSError as error: print(made, error.errno)")
THREADS = ("import threading, time\nmade = 0\ntry:\n    while made < 500:\n"
           "        threading.Thread(target=time.sleep, args=(600,), daemon=True).start(); made += 1\n"
           "except RuntimeError: pass\nprint(made, flush=True)\nimport os; os._exit(0)")
BUSY = ("import os, time\nend = time.monotonic() + 4\nif os.fork() == 0:\n    while time.monotonic() < end: pass\n    os._exit(0)\n"
        "while time.monotonic() < end: pass\nos.wait()")


class Site(Judge):
    """A guest with bobbind in it."""

    def __init__(self, tree, work):
        super().__init__()
        self.guest = guest.Guest(tree, work, disks={"spool": "/var/spool"}, processors=2, memory=1024)

    # The daemon

    def sh(self, script, check=True):
        return self.guest.run(["sh", "-c", script], check=check).out

    def configure(self, text):
        self.guest.put(f"{SPOOL}/bobbin.yaml", f"slots: 2\nmin_free_space: 1MiB\n{QUEUE}{text}".encode())

    def begin(self, how):
        """Starts it, by a unit of the guest or by what `systemd-run` is given, and waits until it is ready."""
        unit = "bobbin" if how is None else "other"
        self.sh("journalctl --rotate -q; journalctl --vacuum-time=1s -q 2>/dev/null; true")
        self.sh("systemctl start bobbin" if how is None else
                f"systemctl reset-failed other 2>/dev/null; systemd-run -q --unit=other {how} bobbind --spool {SPOOL}")
        self.unit = unit
        for _ in range(120):
            log = self.log()
            if "ready: " in log:
                return log
            time.sleep(0.5)
        raise guest.Failure(f"bobbind is not ready:\n{log}")

    def log(self):
        return self.sh(f"journalctl -q -b -u {self.unit} -o cat --no-pager", check=False)

    def end(self):
        self.sh(f"systemctl stop {self.unit}")

    # Runs

    def drop(self, name, script, limits="", timeout="60s"):
        manifest = f"timeout: {timeout}\nlimits: {{{limits}}}\n"
        place = f"{SPOOL}/inbox/default/.{name}"
        self.guest.put(f"{place}/main.py", script.encode() + b"\n")
        self.guest.put(f"{place}/manifest.yaml", manifest.encode())
        self.sh(f"chown -R bobbin {place}; mv {place} {SPOOL}/inbox/default/{name}")

    def result(self, name):
        self.sh(f"for i in $(seq 900); do [ -e {SPOOL}/outbox/default/{name}/state ] && exit; sleep 0.1; done; exit 1")
        out = self.sh(f"cd {SPOOL}/outbox/default/{name}; cat status.json; echo; echo ====; cat stdout")
        status, stdout = out.split("\n====\n")
        return json.loads(status), stdout

    def run(self, name, script, limits="", timeout="60s"):
        self.drop(name, script, limits, timeout)
        return self.result(name)

    def groups(self, base=SERVICE):
        return self.sh(f"cd {base} && find . -mindepth 1 -type d", check=False).split()


def as_service(site):
    """The unit as it is installed: everything by cgroup."""
    site.configure(REQUIRE % "")
    log = site.begin(None)
    site.check("the log says below which group runs are", f"control group of its own below {SERVICE}" in log, log)
    status, out = site.run("see", "print(open('/proc/self/cgroup').read(), end='')")
    enforced = status.get("enforced", {})
    site.check("what is required is held by cgroup, so it runs", status["state"] == "succeeded" and
               [enforced.get(key) for key in ("memory", "processes", "cpu")] == ["cgroup"] * 3, status)
    site.check("a run sees its own group alone", out == "0::/\n", out)
    # A neighbour that is there all the time.
    site.drop("neighbour", "import time\ndata = bytearray(20 << 20)\ndata[::4096] = b'x' * len(data[::4096])\n"
              "time.sleep(100)\nprint(sum(data[::4096]) // ord('x'))", "memory: 64MiB", "10m")
    for name, script in HOGS.items():
        status, out = site.run(f"hog-{name}", script, "memory: 64MiB, tmp: 400MiB")
        site.check(f"{name} over its memory: out_of_memory", status["state"] == "out_of_memory"
                   and "limits.memory" in status["reason"] and status.get("signal") == "SIGKILL"
                   and "exit_code" not in status and not out, (status, out))
        peak = status.get("max_rss_bytes", 0)
        site.check(f"{name}: memory.peak is the run's", 48 * MiB < peak <= 64 * MiB, peak)
    status, out = site.run("cache", CACHE, "memory: 64MiB")
    site.check("page cache is given back", status["state"] == "succeeded" and out == f"{90 * MiB}\n"
               and status["max_rss_bytes"] <= 64 * MiB, (status, out))
    status, out = site.run("tiny", "print('ran')", "memory: 256KiB")
    site.check("a sandbox larger than the run's memory is no reason to wait",
               status["state"] in ("errored", "out_of_memory") and "memory" in status["reason"], status)
    status, out = site.run("killed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    site.check("signal 9 alone is no lack of memory", status["state"] == "killed", status)
    status, out = site.run("forks", FORKS, "processes: 20")
    site.check("forks are held", status["state"] == "succeeded" and out == "19 11\n", (status, out))
    status, out = site.run("threads", THREADS, "processes: 20")
    site.check("threads are held", status["state"] == "succeeded" and out == "19\n", (status, out))
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    status, out = site.run("bomb", bomb, "processes: 40", "5s")
    site.check("a fork bomb ends with its run", status["state"] == "timed_out" and status["wall_seconds"] < 30, status)
    status, out = site.run("busy", BUSY, "cpus: 0.5")
    share = status["cpu_seconds"] / status["wall_seconds"]
    site.check(f"two busy processes with cpus 0.5 get {share:.2f}", status["state"] == "succeeded" and 0.3 < share < 0.6,
               status)
    status, out = site.result("neighbour")
    site.check("the neighbour noticed nothing", status["state"] == "succeeded" and out == "5120\n", (status, out))
    alive = site.sh("systemctl show bobbin -p ActiveState -p NRestarts -p Result")
    site.check("nor did the service", alive == "Restart=0\nActiveState=active\n" or
               {"ActiveState=active", "NRestarts=0", "Result=success"} == set(alive.split()), alive)
    site.check("no run's group is left", site.groups() == ["./bobbin-supervisor"], site.groups())
    doctor = site.guest.run(["bobbin", "doctor", "--spool", SPOOL, "--json"], check=False).out
    verdicts = {line["check"]: line["verdict"] for line in map(json.loads, doctor.splitlines())}
    site.check("doctor finds the daemon's group, whoever asks", [verdicts.get(key) for key in
               ("cgroup", "cgroup memory", "cgroup pids", "cgroup cpu")] == ["ok"] * 4, verdicts)
    killed_launcher(site)
    site.end()
    site.check("the service's end leaves no group", site.groups() == [], site.groups())
    site.begin(None)
    status, out = site.run("again", "print('fine')")
    site.check("it starts again", status["state"] == "succeeded", status)
    site.end()


def killed_launcher(site):
    """A launcher that is killed leaves groups; the next one ends and removes them."""
    site.drop("orphan", "import time\nprint('begun', flush=True)\ntime.sleep(600)")
    site.sh(f"for i in $(seq 300); do grep -qs begun {SPOOL}/active/default/orphan.*/stdout && exit; sleep 0.1; done; exit 1")
    before = site.groups()
    keeper = site.sh("pgrep -o -f libexec/bobbin/bobbin-launcher").strip()
    site.sh(f"kill -9 $(pgrep -P {keeper})")
    status, out = site.result("orphan")
    site.check("a run whose launcher is killed is over", status["state"] == "interrupted", status)
    status, out = site.run("after", "print('fine')")
    site.check("and leaves no group", len(before) == 2 and status["state"] == "succeeded"
               and site.groups() == ["./bobbin-supervisor"], (before, status, site.groups()))


def as_others(site):
    """Nothing is delegated; a plain user; a group that bobbin.yaml names."""
    site.configure(REQUIRE % "")
    log = site.begin("-p Delegate=no")
    status, out = site.run("refused", "print('ran')")
    site.check("nothing is delegated: nothing runs, and it is said", status["state"] == "errored" and not out
               and "control group" in status["reason"] and "not delegated" in status["reason"]
               and "every run will end 'errored'" in log, (status, log))
    site.check("and the group of the unit is as it was", site.groups("/sys/fs/cgroup/system.slice/other.service") == [])
    doctor = site.guest.run(["bobbin", "doctor", "--spool", SPOOL], check=False)
    site.check("doctor says it", doctor.code == 1 and re.search("missing +cgroup", doctor.out), doctor.out)
    site.end()

    site.sh(f"systemctl stop bobbin other 2>/dev/null; chown -R bobbin: {SPOOL}")
    site.begin("-p Delegate=yes --uid=bobbin")
    status, out = site.run("plain", HOGS["heap"], "memory: 64MiB")
    site.check("a plain user's, delegated: by cgroup", status["state"] == "out_of_memory"
               and status["enforced"].get("user") == "caller", status)
    status, out = site.run("plain-forks", FORKS, "processes: 20")
    site.check("a plain user's processes", out == "19 11\n" and status["enforced"].get("processes") == "cgroup", (status, out))
    site.end()

    named = "/sys/fs/cgroup/bobbin-named"
    site.sh(f"mkdir {named}; chown -R bobbin: {named}")
    site.configure(REQUIRE % f", cgroup: {named}")
    site.begin("-p Delegate=no")
    status, out = site.run("named", HOGS["family"], "memory: 64MiB")
    site.check("below the group that bobbin.yaml names", status["state"] == "out_of_memory", status)
    site.end()
    site.check("which is left empty", site.groups(named) == [], site.groups(named))
    # A compromised bobbind could write this into bobbin.yaml.
    site.configure(REQUIRE % ", cgroup: /sys/fs/cgroup/system.slice")
    log = site.begin("-p Delegate=no")
    status, out = site.run("foreign", "print('ran')")
    site.check("not below another's", status["state"] == "errored" and "not delegated" in status["reason"], (status, log))
    site.end()


def cost(site):
    """No-op runs one after the other, with a group each and without."""
    figures = {}
    for name, cgroup in (("with", ""), ("without", "sandbox: {cgroup: /none}\n"), ("with again", "")):
        site.configure(cgroup)
        site.begin(None)
        script = f"""
            mkdir -p /run/drops; for i in $(seq 60); do printf '#!/bin/sh\\n:\\n' >/run/drops/c$i.sh; done
            chown -R bobbin /run/drops; cp -a /run/drops {SPOOL}/inbox/default/.cost
            begun=$(cut -d' ' -f1 /proc/uptime); mv {SPOOL}/inbox/default/.cost/* {SPOOL}/inbox/default/
            until [ $(ls -d {SPOOL}/outbox/default/c*.* 2>/dev/null | wc -l) -ge 60 ]; do sleep 0.05; done
            echo $begun $(cut -d' ' -f1 /proc/uptime); rm -rf {SPOOL}/outbox/default/c* {SPOOL}/inbox/default/.cost"""
        begun, ended = map(float, site.sh(script).split())
        figures[name] = (ended - begun) / 60 * 1e6
        site.end()
    print("microseconds a no-op run, emulated: " + ", ".join(f"{name} a group {value:.0f}" for name, value in figures.items()))


def main():
    work = ROOT / ".build/vm-groups"
    shutil.rmtree(work, ignore_errors=True)
    site = Site(programs.install(work / "programs"), work / "guest")
    begun = time.monotonic()
    try:
        site.guest.start()
        as_service(site)
        as_others(site)
        cost(site)
    except guest.Failure as failure:
        site.check("the test itself", False, failure)
    finally:
        site.guest.close()
    print(f"{site.summary()}, in {time.monotonic() - begun:.0f} s")
    return 1 if site.failed else 0


if __name__ == "__main__":
    sys.exit(main())
