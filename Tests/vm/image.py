"""The guest's Debian: a kernel, an initial ramdisk and a root file system, made once of Debian's packages and kept.

`base()` makes what depends on the packages alone, with mmdebstrap: a minute or two and the only part that needs a network.
`root(programs)` lays a tree of files over it, with one short start of the guest, and is keyed by what is in that tree. Both
are kept in BOBBIN_VM_CACHE, else in the user's cache directory, so that a clean clone does not make them again. Nothing is
mounted on this machine: mmdebstrap works in a mount namespace of its own, and mke2fs fills the file system by itself.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import initrd
import machine

HERE = Path(__file__).resolve().parent
SUITE = "bookworm"
MIRROR = os.environ.get("BOBBIN_VM_MIRROR", "http://deb.debian.org/debian")
PACKAGES = """
    linux-image-cloud-amd64 busybox-static systemd systemd-sysv dbus procps python3
    libsqlite3-0 libinotifytools0 libarchive13 libyaml-0-2 libstdc++6
""".split()
# Of no use in a guest that lives for seconds.
UNWANTED = ["doc", "man", "locale", "info"]
SIZE = "2G"
# The newest that are kept of each kind; others are of other branches or former builds.
KEPT = 3


def cache():
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bobbin-vm"
    place = Path(os.environ.get("BOBBIN_VM_CACHE") or default)
    place.mkdir(parents=True, exist_ok=True)
    return place


def base():
    """The directory with root.img, made if it is not there."""
    key = _key(SUITE, MIRROR, *PACKAGES, *UNWANTED, SIZE)
    return _made(f"base-{key}", _make_base)


def root(programs):
    """The directory with vmlinuz, initrd, and root.qcow2: an overlay on the base with the tree `programs` laid over `/`."""
    below = base()
    archive = subprocess.run(
        ["tar", "-C", str(programs), "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner",
         "-cf", "-", "."],
        check=True, stdout=subprocess.PIPE).stdout

    def make(place):
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(archive)
            file.truncate(-(-len(archive) // 4096) * 4096)
            file.flush()
            image = place / "root.qcow2"
            machine.make_overlay(image, below / "root.img", "raw")
            initrd.extract(below / "root.img", place)
            machine.lay_over(place, image, file.name)

    return _made(f"root-{_key(below.name, (HERE / 'initrd.py').read_text(), archive)}", make)


def _make_base(place):
    # In a user's namespace the maker is another user here.
    place.chmod(0o777)
    paths = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in UNWANTED]
    # Bound elsewhere, the root is seen without the /proc, /sys and /dev that are mounted in it.
    hook = (
        'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb "$1"/boot/initrd*;'
        f'mount --bind "$1" "$1/mnt" && mke2fs -q -t ext4 -E root_owner=0:0 -d "$1/mnt" {place}/root.img {SIZE} &&'
        f'umount "$1/mnt" && chmod 666 {place}/root.img'
    )
    print(f"making the guest's image of Debian's packages, in {place.parent}; once", flush=True)
    command = ["mmdebstrap", "--variant=minbase", "--format=null", f"--include={','.join(PACKAGES)}", *paths,
               f"--customize-hook={hook}", SUITE, "/dev/null", MIRROR]
    # Whatever it mounts ends with its namespace.
    if os.geteuid() == 0:
        command = ["unshare", "--mount", "--propagation", "private", *command]
    log = place / "mmdebstrap.log"
    with log.open("wb") as output:
        if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode != 0:
            raise RuntimeError(f"mmdebstrap failed:\n{log.read_text(errors='replace')[-3000:]}")
    place.chmod(0o755)


def _key(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def _made(name, make):
    """A directory of the cache; made under another name first, so that it is there whole or not at all."""
    place = cache() / name
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            unfinished = cache() / f"{name}.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(place)
            _forget_old(name.split("-")[0])
        os.utime(place)
    return place


def _forget_old(kind):
    found = sorted(cache().glob(f"{kind}-*"), key=lambda place: place.stat().st_mtime, reverse=True)
    for place in found[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
