"""What a Python environment costs: the first run that needs it, the later ones, and pip and uv alone. Two tiny packages from a
directory, so that nothing of it is the network's."""

import base64
import hashlib
import json
import shutil
import statistics
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from rows import Rows
from spool import SHORT, Spool

PYTHON = "/usr/bin/python3"
PAIRS = 40 if SHORT else 200
MISSES = 3 if SHORT else 7


def wheel(directory, name, version, requires=()):
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + "".join(f"Requires-Dist: {other}\n" for other in requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(directory / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def alone(builder, links):
    """Milliseconds of a venv and the installation of the same packages, without Bobbin."""
    with tempfile.TemporaryDirectory() as work:
        start = time.monotonic()
        subprocess.run([PYTHON, "-I", "-m", "venv", "--without-pip", f"{work}/env"], check=True)
        python = f"{work}/env/bin/python"
        if builder == "pip":
            command = [PYTHON, "-I", "-m", "pip", "--python", python, "--no-input", "--no-cache-dir", "install", "--compile"]
        else:
            command = ["uv", "pip", "install", "--python", python, "--no-config", "--cache-dir", f"{work}/cache"]
            command += ["--link-mode", "copy", "--compile-bytecode"]
        command += ["--only-binary", ":all:", "--no-index", "--find-links", str(links), "alpha"]
        subprocess.run(command, check=True, capture_output=True)
        return 1000 * (time.monotonic() - start)


class EnvironmentSpool(Spool):
    def __init__(self, links, builder):
        super().__init__(slots=2)
        with open(self.path / "bobbin.yaml", "a") as settings:
            settings.write(f"environments: {{index: none, find_links: [{links}], builder: {builder}}}\n")

    def run(self, name, requirements):
        """Milliseconds from the rename of a bundle to its visible result."""
        manifest = f"requirements: {json.dumps(requirements)}\n".encode()
        seconds, status = self.drop_bundle_and_wait(name, {"main.py": b"pass\n", "manifest.yaml": manifest})
        return 1000 * seconds, 1000 * status["wall_seconds"]


def measure(rows, builder, links):
    without = [alone(builder, links) for _ in range(MISSES)]
    with EnvironmentSpool(links, builder) as spool:
        spool.start()
        spool.drop_and_wait("warm-up")
        spool.run("first", [])
        misses = [spool.run(f"miss-{number}", ["alpha", f"beta<{number + 100}"])[0] for number in range(MISSES)]
        spool.run("build", ["alpha"])
        difference, inside, hits = [], [], []
        for number in range(PAIRS):
            # Which comes first changes: what one leaves in caches is the other's.
            order = (("hit", ["alpha"]), ("bare", [])) if number % 2 else (("bare", []), ("hit", ["alpha"]))
            took = {kind: spool.run(f"{kind}-{number:04}", wanted) for kind, wanted in order}
            hits.append(took["hit"][0])
            difference.append(took["hit"][0] - took["bare"][0])
            inside.append(took["hit"][1] - took["bare"][1])
    rows.title(f"an environment of two packages, {builder}")
    rows.figure(f"venv and {builder} alone, median of {MISSES}", f"{statistics.median(without):.0f} ms")
    rows.figure("miss: drop → result visible", f"{statistics.median(misses):.0f} ms")
    rows.figure("hit: drop → result visible", f"{statistics.median(hits):.2f} ms")
    cost = statistics.median(difference)
    rows.figure(f"hit over no environment, median of {PAIRS} pairs", f"{cost:.2f} ms")
    # A venv does not look through what the system's Python has installed: it may start in less time than that.
    rows.figure("of that in the run, the interpreter's start among it", f"{statistics.median(inside):.2f} ms")
    beside = statistics.median(whole - own for whole, own in zip(difference, inside))
    rows.target("and before and after it: Bobbin's own", "≤ 1.00 ms", f"{beside:.2f} ms", beside <= 1)


def bare(rows, links):
    """What the interpreter itself takes longer in a venv."""
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([PYTHON, "-I", "-m", "venv", "--without-pip", f"{work}/env"], check=True)
        took = {PYTHON: [], f"{work}/env/bin/python": []}
        for _ in range(PAIRS):
            for python, times in took.items():
                start = time.monotonic()
                subprocess.run([python, "-c", "pass"], check=True)
                times.append(1000 * (time.monotonic() - start))
    usual, venv = (statistics.median(times) for times in took.values())
    rows.figure("python3 -c pass, and that of a venv", f"{usual:.2f}, {venv:.2f} ms")


def main():
    rows = Rows()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as links:
        links = Path(links)
        links.chmod(0o755)
        wheel(links, "alpha", "1.0", ["beta>=1"])
        wheel(links, "beta", "2.1")
        for builder in ("pip", "uv"):
            if builder == "uv" and not shutil.which("uv"):
                rows.skip("uv", "not installed")
            else:
                measure(rows, builder, links)
        bare(rows, links)
    # A missed target is a figure, not an error.
    print(f"\n{rows.met} met, {rows.missed} missed, {rows.skipped} skipped", flush=True)


if __name__ == "__main__":
    main()
