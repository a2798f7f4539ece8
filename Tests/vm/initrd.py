"""The initial ramdisk: a busybox that loads the disk's driver and goes on to the root, or first lays files over it."""

import gzip
import re
import subprocess
import tempfile
from pathlib import Path

# virtio_console: the agent's port is there before the root is; overlay: nothing in the guest has to load it.
MODULES = ["virtio_pci", "virtio_blk", "virtio_console", "overlay"]
# With bobbin.lay=DEVICE on the command line the tar archive on that disk is unpacked over the root, and the guest ends.
INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
while read -r module; do insmod "/modules/$module"; done </modules/order
device=$(sed -n 's/.*bobbin.lay=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
waited=0
while [ ! -b /dev/vda ] && [ $waited -lt 100 ]; do sleep 0.1; waited=$((waited + 1)); done
if [ -n "$device" ]; then
    mount -o rw /dev/vda /root
    tar -xf "$device" -C /root && chroot /root /bin/systemd-sysusers && sync && umount /root && echo bobbin-laid
    poweroff -f
fi
mount -o rw,noatime /dev/vda /root
# Every further disk has a place: no udev is needed, which would take longer than all the rest of the start.
for place in $(sed -n 's/.*bobbin.disks=\\([^ ]*\\).*/\\1/p' /proc/cmdline | tr , ' '); do
    mkdir -p "/root${place#*:}"
    mount "/dev/${place%%:*}" "/root${place#*:}" || echo "cannot mount $place"
done
umount /sys /proc
mount --move /dev /root/dev
exec switch_root /root /lib/systemd/systemd
"""


def extract(root, place):
    """Puts vmlinuz and initrd, of what is in the file system image `root`, into the directory `place`."""
    versions = [name for name in _names(root, "/lib/modules") if name[0].isdigit()]
    version = max(versions, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
    (place / "vmlinuz").write_bytes(_read(root, f"/boot/vmlinuz-{version}"))
    needs = {}
    for line in _read(root, f"/lib/modules/{version}/modules.dep").decode().splitlines():
        path, _, others = line.partition(":")
        needs[path] = others.split()
    order = []
    for module in MODULES:
        path = next(path for path in needs if path.endswith(f"/{module}.ko"))
        for one in [*reversed(needs[path]), path]:
            if one not in order:
                order.append(one)
    archive = _Archive()
    for name in ["bin", "dev", "proc", "sys", "root", "modules"]:
        archive.add(name, 0o040755)
    archive.add("bin/busybox", 0o100755, _read(root, "/bin/busybox"))
    archive.add("init", 0o100755, INIT.encode())
    archive.add("modules/order", 0o100644, "".join(Path(one).name + "\n" for one in order).encode())
    for one in order:
        archive.add(f"modules/{Path(one).name}", 0o100644, _read(root, f"/lib/modules/{version}/{one}"))
    (place / "initrd").write_bytes(gzip.compress(archive.finished(), 1, mtime=0))


def _names(image, path):
    output = subprocess.run(["debugfs", "-R", f"ls -p {path}", str(image)], check=True, capture_output=True, text=True)
    return [line.split("/")[5] for line in output.stdout.splitlines() if line.count("/") > 5]


def _read(image, path):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["debugfs", "-R", f"dump {path} {file.name}", str(image)], check=True, capture_output=True)
        content = Path(file.name).read_bytes()
    if not content:
        raise RuntimeError(f"{path} is not in the guest's image")
    return content


class _Archive:
    """cpio's `newc` format (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self.bytes = bytearray()
        self.count = 0

    def add(self, name, mode, content=b""):
        self.count += 1
        fields = [self.count, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        self.bytes += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self._pad()
        self.bytes += content
        self._pad()

    def _pad(self):
        self.bytes += bytes(-len(self.bytes) % 4)

    def finished(self):
        self.add("TRAILER!!!", 0)
        return bytes(self.bytes)
