"""The others: what people use today to run a command in a sandbox, with the isolation that Bobbin gives."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

BWRAP = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr"]
for _path in ("/bin", "/lib", "/lib64"):
    if os.path.islink(_path):
        BWRAP += ["--symlink", os.readlink(_path), _path]
    elif os.path.isdir(_path):
        BWRAP += ["--ro-bind", _path, _path]
BWRAP += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "/bin/true"]


def installed(*programs):
    return all(shutil.which(program) for program in programs)


def _numbers(jobs):
    """What makes xargs and parallel run so many commands; /bin/true does not mind the argument."""
    return "".join(f"{number}\n" for number in range(jobs)).encode()


def _timed(jobs, command):
    start = time.monotonic()
    found = subprocess.run(command, input=_numbers(jobs), capture_output=True, check=False)
    seconds = time.monotonic() - start
    if found.returncode != 0:
        message = found.stderr[-300:].decode(errors="replace")
        raise RuntimeError(f"{command[0]} ended with {found.returncode}: {message}")
    return jobs / seconds


def xargs(jobs, slots):
    return _timed(jobs, ["xargs", f"-P{slots}", "-n1", *BWRAP]) if installed("bwrap", "xargs") else None


def parallel(jobs, slots):
    return _timed(jobs, ["parallel", "--will-cite", f"-j{slots}", *BWRAP]) if installed("bwrap", "parallel") else None


def task_spooler(jobs, slots):
    """A server of its own; submitting is part of it, as it is with a loop around `tsp`."""
    if not installed("bwrap", "tsp"):
        return None
    with tempfile.TemporaryDirectory() as work:
        environment = dict(os.environ, TS_SOCKET=f"{work}/socket", TMPDIR=work, TS_MAXFINISHED="10")
        # A job costs a client process as well, so a quarter of the jobs says the same.
        jobs = max(jobs // 4, 50)
        loop = 'n=$1; shift; while [ "$n" -gt 0 ]; do tsp -n "$@" >/dev/null; n=$((n - 1)); done; tsp -w'
        try:
            subprocess.run(["tsp", "-S", str(slots)], env=environment, check=True, capture_output=True)
            start = time.monotonic()
            submit = ["sh", "-c", loop, "sh", str(jobs), *BWRAP]
            subprocess.run(submit, env=environment, check=True, capture_output=True)
            return jobs / (time.monotonic() - start)
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"tsp ended with {error.returncode}: {error.stderr!r}") from error
        finally:
            subprocess.run(["tsp", "-K"], env=environment, check=False, capture_output=True)


def _compiled(name, arguments, work):
    """What a C program beside this file prints; None where nothing compiles it."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        return None
    source, program = Path(__file__).with_name(f"{name}.c"), f"{work}/{name}"
    for command in ([compiler, "-O2", "-o", program, source], [program, *map(str, arguments)]):
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        if found.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {found.returncode}: {found.stderr.strip()[-300:]}")
    return found.stdout


def ceiling(jobs, slots):
    """The kernel alone, without any runner: see ceiling.c."""
    with tempfile.TemporaryDirectory() as work:
        found = _compiled("ceiling", (jobs, slots), work)
    return None if found is None else float(found)


def prices(rounds, directory):
    """What each protection of a sandbox costs, as pairs of its name and microseconds: see prices.c."""
    with tempfile.TemporaryDirectory(dir=directory) as work:
        os.mkdir(f"{work}/ground")
        found = _compiled("prices", (rounds, f"{work}/ground"), work)
    if found is None:
        return None
    return [(name, float(price)) for price, name in (line.split("\t") for line in found.splitlines())]


BATCHES = {
    "xargs + bwrap": xargs,
    "task-spooler + bwrap": task_spooler,
    "GNU parallel + bwrap": parallel,
    "the kernel alone": ceiling,
}


def bare_bwrap():
    """Seconds of one bwrap, by the cheapest way there is to start a program."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    start = time.monotonic()
    child = os.posix_spawn(program, BWRAP, os.environ)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - start
    if status != 0:
        raise RuntimeError("bwrap failed; see its message above")
    return seconds
