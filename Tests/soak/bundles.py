"""What is dropped: bundles of every kind, and what must become of each."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import tarfile
import time
import zipfile
from dataclasses import dataclass, field

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NATURAL = {"ok": "succeeded", "fail": "failed", "slow": "timed_out", "signal": "killed"}
ARCHIVES = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip"] + ([".tar.zst"] if shutil.which("zstd") else [])
MODES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.xz": "w:xz", ".tar.bz2": "w:bz2"}

# Each reports its start, and cannot go on unheard.
BASH = """\
exec 3<>"/dev/tcp/127.0.0.1/$WITNESS" || exit 98
echo "$TOKEN $BOBBIN_RUN $BOBBIN_ATTEMPT" >&3; read -r heard <&3 || exit 97
echo "begin $TOKEN"
sha256sum payload
cat
sleep "$PAUSE"
mkdir -p out/deep; cp payload out/deep/copy; echo "$TOKEN" >made
echo "end $TOKEN"
[ "$EXIT" != signal ] || kill -9 $$
exit "$EXIT"
"""
PYTHON = """\
import hashlib, os, signal, socket, sys, time
e = os.environ
witness = socket.create_connection(("127.0.0.1", int(e["WITNESS"])))
witness.sendall(f"{e['TOKEN']} {e['BOBBIN_RUN']} {e['BOBBIN_ATTEMPT']}\\n".encode())
if witness.recv(10) != b"heard\\n": sys.exit(97)
print("begin", e["TOKEN"], flush=True)
print(hashlib.sha256(open("payload", "rb").read()).hexdigest() + "  payload", flush=True)
sys.stdout.write(sys.stdin.read()); sys.stdout.flush()
time.sleep(float(e["PAUSE"]))
os.makedirs("out/deep"); open("out/deep/copy", "wb").write(open("payload", "rb").read())
open("made", "w").write(e["TOKEN"] + "\\n")
print("end", e["TOKEN"], flush=True)
if e["EXIT"] == "signal": os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(e["EXIT"]))
"""
# A single script has no manifest and so no network: nothing is heard of it.
SCRIPTS = {
    ".sh": """\
# {token}
echo "begin {token}"
cat
sleep {pause}
echo "{token}" >made
echo "end {token}"
exit {code}
""",
    ".py": """\
import sys, time
print("begin {token}", flush=True)
sys.stdout.write(sys.stdin.read()); sys.stdout.flush()
time.sleep({pause})
open("made", "w").write("{token}\\n")
print("end {token}", flush=True)
sys.exit({code})
""",
    ".pl": """\
$| = 1; print "begin {token}\\n";
print while <STDIN>;
select undef, undef, undef, {pause};
open my $made, ">", "made"; print $made "{token}\\n"; close $made;
print "end {token}\\n";
exit {code};
""",
}


def ulid(source):
    """A run id of now, as any dropper may choose one."""
    value = (int(time.time() * 1000) << 80) | source.getrandbits(80)
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@dataclass
class Drop:
    """One drop, what must become of it, and what was seen of it."""

    token: str
    queue: str
    name: str
    way: str
    form: str
    ending: str
    what: str
    chosen: bool
    pause: float
    code: int = 0
    attempts: int = 1
    payload: int = 0
    input: str | None = None
    cancel: str | None = None  # "before", or "after" it was dropped
    again: int = 0  # how often the same is sent once more
    run: str | None = None
    conflicts_with: str | None = None
    sha256: str | None = None
    files: dict = field(default_factory=dict)
    stdout: bytes = b""
    is_heard: bool = True
    order: int = 0  # among the drops of its name
    is_dropped: bool = False
    is_whole: bool = True
    seen: object = None  # the result as it was seen first
    is_deleted: bool = False

    @property
    def entry(self):
        return self.name + (f".{self.run}" if self.run and self.way != "submit" else "") + self.ending

    @property
    def states(self):
        if self.what in ("rejected", "conflict"):
            return {"rejected"}
        natural = {NATURAL[self.what], "interrupted"}
        return natural | {"cancelled"} if self.cancel else natural


def plan(source, count, queues, writers):
    """Drops by writer, all from one seed. Names that come again belong to one writer, who knows their order."""
    plans = [[] for _ in range(writers)]
    for number in range(count):
        writer = source.randrange(writers)
        token = f"t{number:05}-{source.getrandbits(32):08x}"
        form = source.choices(["directory", "archive", "script"], [45, 35, 20])[0]
        what = source.choices(["ok", "fail", "slow", "signal", "rejected"], [66, 12, 6, 6, 10])[0]
        chosen = source.random() < 0.55
        pause = source.choices([0, 0.05, 0.3, 1.2], [45, 30, 20, 5])[0]
        ending = source.choice({"directory": [""], "archive": ARCHIVES, "script": list(SCRIPTS)}[form])
        way = source.choice(["mv", "cp", "rsync", "submit"])
        if form == "script" and what in ("slow", "signal", "rejected"):
            what = "fail"
        if what == "rejected" and way == "submit":
            # It checks first, and would not send it.
            way = "mv"
        repeated = what != "rejected" and source.random() < 0.3
        name = f"again-{writer}-{source.randrange(4)}" if repeated else f"job-{number:05}"
        drop = Drop(token, source.choice(queues), name, way, form, ending, what, chosen, pause)
        drop.code = source.randrange(1, 90) if what == "fail" else 0
        if what == "slow":
            drop.pause = 30
        drop.payload = source.choice([0, 10, 3000, 200_000])
        if way == "submit" and source.random() < 0.6:
            drop.input = _compact({"number": number, "text": "ä\n" * source.randrange(4)})
        if chosen and what != "rejected" and way != "submit":
            if source.random() < 0.08:
                drop.cancel = source.choice(["before", "after"])
            elif form != "directory" and source.random() < 0.25:
                drop.again = source.randrange(1, 3)
        if form != "script" and what != "rejected" and source.random() < 0.15:
            drop.attempts = 3
        plans[writer].append(drop)
    return plans


def _compact(value):
    """As submit sends it on: the same value without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def manifest(drop, port):
    env = {"WITNESS": port, "TOKEN": drop.token, "PAUSE": drop.pause, "EXIT": drop.code}
    if drop.what == "signal":
        env["EXIT"] = "signal"
    found = {
        "labels": {"drop": drop.token},
        "env": {key: str(value) for key, value in env.items()},
        "network": "host",
    }
    if drop.what == "slow":
        found |= {"timeout": "700ms", "stop_grace": "200ms"}
    if drop.attempts > 1:
        found["retry"] = {"attempts": drop.attempts, "wait": "100ms", "on": ["failed", "interrupted"]}
    return found


def make(drop, place, source, port):
    """Makes what is to be dropped below `place`, and notes what its run must leave; returns its path."""
    directory = place / f"made-{drop.token}"
    directory.mkdir()
    language = source.choice(["bash", "python"])
    begin, end = f"begin {drop.token}\n".encode(), f"end {drop.token}\n".encode()
    payload = source.randbytes(drop.payload)
    shown = b"" if drop.form == "script" else f"{sha256(payload)}  payload\n".encode()
    drop.stdout = begin + shown + (drop.input or "").encode() + end
    drop.files = {"made": sha256(f"{drop.token}\n".encode())}
    drop.is_heard = drop.form != "script"
    if drop.form == "script":
        path = directory / "script"
        path.write_text(SCRIPTS[drop.ending].format(token=drop.token, pause=drop.pause, code=drop.code))
    else:
        drop.files["out/deep/copy"] = sha256(payload)
        tree = directory / "tree"
        tree.mkdir()
        (tree / "payload").write_bytes(payload)
        (tree / ("main.sh" if language == "bash" else "main.py")).write_text(BASH if language == "bash" else PYTHON)
        text = manifest(drop, port) | ({"runtime": "bash"} if language == "bash" else {})
        if drop.what == "rejected":
            text["timout"] = "3s"
        (tree / "manifest.json").write_text(json.dumps(text))
        path = tree if drop.form == "directory" else _pack(tree, drop, source)
    if path.is_file():
        drop.sha256 = sha256(path.read_bytes())
    return path


def _pack(tree, drop, source):
    inside = source.choice(["", "top/"])
    path = tree.parent / f"packed{drop.ending}"
    if drop.ending == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(tree.iterdir()):
                archive.write(file, inside + file.name)
    else:
        plain = tree.parent / "packed.tar" if drop.ending == ".tar.zst" else path
        with tarfile.open(plain, MODES.get(drop.ending, "w")) as archive:
            for file in sorted(tree.iterdir()):
                archive.add(file, inside + file.name)
        if drop.ending == ".tar.zst":
            subprocess.run(["zstd", "-q", "--rm", plain, "-o", path], check=True)
    if drop.what == "rejected" and source.random() < 0.5:
        # Cut off, as a transfer that nobody repeated.
        with open(path, "r+b") as file:
            file.truncate(max(1, os.path.getsize(path) * 2 // 3))
    return path


def conflict(drop, token):
    """Another content under the run id of a drop."""
    other = Drop(token, drop.queue, drop.name, "mv", drop.form, drop.ending, "conflict", True, 0)
    other.run, other.conflicts_with = drop.run, drop.run
    return other


def sources(seed, count):
    """Sources of chance that do not depend on each other's use."""
    return [random.Random(f"{seed}/{number}") for number in range(count)]
