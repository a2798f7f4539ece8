"""The bundles that are dropped while the power is cut, and what must come out of each: both follow from its name alone.

    c007-0012-dir       round 7, the 12th drop, a directory

Whoever knows a result's name can therefore tell whether it is the right one, whatever was lost in between.
"""

import hashlib
import io
import random
import tarfile

PORT = 4000
# What is dropped by a rename, in which form; `submit` and `script-submit` go through `bobbin submit`.
KINDS = ["dir", "dir", "tar", "script", "slow", "retry", "bad", "submit", "submit", "script-submit"]
# Says outside that it runs: nothing else of it could be seen there before its result.
SAY = f'echo "$BOBBIN_RUN $BOBBIN_ATTEMPT" >/dev/udp/127.0.0.1/{PORT}\n'
WORK = 'echo "begin $BOBBIN_NAME"\nsha256sum <data\ncp data copy\n'
END = 'echo "end $BOBBIN_NAME"\n'
SCRIPTS = {
    "dir": SAY + WORK + END,
    "tar": SAY + WORK + END,
    "submit": SAY + WORK + END,
    "slow": SAY + WORK + "sleep 1\n" + END,
    "retry": SAY + WORK + '[ "$BOBBIN_ATTEMPT" -gt 1 ] || exit 3\n' + END,
    "bad": SAY,
}
MANIFEST = "network: host\nruntime: bash\n"
RETRY = "retry: {attempts: 4, wait: 100ms, on: [failed, interrupted]}\n"


def kind(name):
    return name.split("-", 2)[2]


def data(name):
    source = random.Random(name)
    return source.randbytes(source.choice([1, 500, 5000, 20000, 100000]))


def script(name):
    """Of the kinds that are one file."""
    return f"cat <<'END'\n{text(name)}END\necho \"end $BOBBIN_NAME\"\n".encode()


def text(name):
    return "".join(f"{name} {number}\n" for number in range(random.Random(name).choice([3, 30, 300])))


def files(name):
    manifest = MANIFEST
    if kind(name) == "retry":
        manifest += RETRY
    if kind(name) == "bad":
        manifest += "timeout: never\n"
    return {"main.bash": SCRIPTS[kind(name)].encode(), "manifest.yaml": manifest.encode(), "data": data(name)}


def archive(name):
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz", compresslevel=1) as tar:
        for path, content in files(name).items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return output.getvalue()


def outcome(name):
    """(states, stdout, files/) of a run that could do all it wanted."""
    if kind(name) == "bad":
        return ["rejected"], "", {}
    if kind(name) in ("script", "script-submit"):
        return ["succeeded"], f"{text(name)}end {name}\n", {}
    digest = hashlib.sha256(data(name)).hexdigest()
    return ["succeeded"], f"begin {name}\n{digest}  -\nend {name}\n", {"copy": digest}
