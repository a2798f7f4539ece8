"""qemu as a machine whose power can be cut.

A kill of qemu alone would lose only what the guest's kernel had not written yet: what it had written, flushed or not, is in
this machine's page cache and survives. So each start of the guest writes to a fresh qcow2 overlay with clusters of one block:
where a block lies is known to qemu's memory alone until the guest flushes, so that a killed qemu loses what was written since
the last flush, as a disk with a volatile write cache does. (A block written twice in one start keeps its place, and its
newest content then survives unflushed: a disk may do that, too.) After the cut the overlay becomes part of the disk.
"""

import os
import signal
import subprocess
import time

# Emulated unless it is asked for: there are machines where /dev/kvm can be opened, and the guest then hangs.
ACCELERATOR = os.environ.get("BOBBIN_VM_ACCELERATOR", "tcg,thread=multi")
# A plain one starts a third sooner than `max`: wide vectors are slow to emulate, and the C library uses what is there.
PROCESSOR = os.environ.get("BOBBIN_VM_PROCESSOR", "qemu64")
# no_timer_check: on a busy machine the emulated timer can be late, and the kernel would give up.
COMMAND_LINE = (
    "root=/dev/vda console=ttyS0 panic=-1 quiet loglevel=3 mitigations=off random.trust_cpu=on no_timer_check tsc=reliable")
# The tables of a whole disk fit: none is written back before the guest flushes, just to make room.
OVERLAY = "driver=qcow2,l2-cache-size=16M,refcount-cache-size=4M,cache-clean-interval=0"


def make_overlay(path, below, form):
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=4096", "-F", form, "-b", str(below), str(path)],
        check=True)


def lay_over(system, image, archive):
    """Starts the guest once, to unpack a tar archive over its root."""
    command = _command(system, 1, 512, "bobbin.lay=/dev/vdb") + [
        "-drive", f"file={image},if=virtio,format=qcow2,cache=unsafe",
        "-drive", f"file={archive},if=virtio,format=raw,readonly=on", "-serial", "stdio"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    if b"bobbin-laid" not in done.stdout:
        raise RuntimeError(f"the guest's root could not be made:\n{(done.stdout + done.stderr).decode(errors='replace')}")


class Machine:
    """One start of a guest. Its root is as it was made, and what is written there is lost with it; its disks stay."""

    def __init__(self, system, disks, work, processors=1, memory=1024, options=""):
        """`disks`: the overlays, /dev/vdb and so on. `work`: for the console's text and the agent's socket."""
        self.console = work / "console"
        command = _command(system, processors, memory, options)
        command += ["-drive", f"file={system / 'root.qcow2'},if=virtio,format=qcow2,snapshot=on"]
        for disk in disks:
            command += ["-drive", f"file={disk},if=virtio,cache=writeback,{OVERLAY}"]
        command += [
            "-serial", f"file:{self.console}", "-device", "virtio-serial-pci",
            "-chardev", f"socket,id=agent,path=agent,server=on,wait=off",
            "-device", "virtserialport,chardev=agent,name=bobbin.agent"]
        self.errors = (work / "qemu").open("wb")
        # snapshot=on puts its temporary file there. The socket is named from there, because its path is short by nature.
        environment = {**os.environ, "TMPDIR": str(work)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors, env=environment, cwd=work)

    def is_running(self):
        return self.process.poll() is None

    def cut(self):
        """As if the plug were pulled."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.errors.close()
        return time.monotonic()


def _command(system, processors, memory, options):
    return [
        "qemu-system-x86_64", "-accel", ACCELERATOR, "-cpu", PROCESSOR, "-machine", "q35",
        "-smp", str(processors), "-m", str(memory), "-nographic", "-nodefaults", "-no-reboot", "-monitor", "none",
        "-kernel", str(system / "vmlinuz"), "-initrd", str(system / "initrd"),
        "-append", f"{COMMAND_LINE} {options}".strip(), "-device", "virtio-rng-pci"]
