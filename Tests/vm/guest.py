"""A Debian guest that is started, asked to run commands, and cut off, again and again on the same disks.

    guest = Guest(programs, work, disks={"spool": "/var/spool"})
    guest.start()
    guest.run(["uname", "-r"]).out
    guest.cut()
    guest.start()

`programs` is a tree that is laid over the guest's root: what `make install` made, and `Tests/vm/guest`'s agent, by `stage()`.
Nothing of it needs a network, and nothing is mounted on this machine.
"""

import base64
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import image
import machine

HERE = Path(__file__).resolve().parent
SIZE = "3G"
# What a start does not need, or does again each time: emulated, it would take half a minute.
MASKED = """
    systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service
    modprobe@.service e2scrub_reap.service e2scrub_all.timer systemd-logind.service systemd-random-seed.service
    systemd-sysusers.service systemd-sysctl.service systemd-binfmt.service systemd-remount-fs.service
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-user-sessions.service systemd-pstore.service
    systemd-modules-load.service systemd-tmpfiles-clean.timer apt-daily.timer apt-daily-upgrade.timer fstrim.timer
    dpkg-db-backup.timer getty.target dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount
    sys-kernel-config.mount sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount dbus.service dbus.socket
    systemd-ask-password-console.path systemd-ask-password-wall.path systemd-journal-flush.service
    systemd-journal-catalog-update.service
""".split()
GENERATORS = """
    cryptsetup debug fstab getty gpt-auto hibernate-resume integritysetup rc-local run system-update sysv veritysetup
""".split()
# Emulated, and beside a build, a start takes half a minute.
PATIENCE = 180


def stage(tree):
    """Puts the agent into a tree of programs: it starts with the guest."""
    place = tree / "opt/bobbin-test"
    units = tree / "etc/systemd/system"
    place.mkdir(parents=True, exist_ok=True)
    (units / "multi-user.target.wants").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "guest/agent.py", place)
    shutil.copy(HERE / "guest/agent.service", units)
    generators = tree / "etc/systemd/system-generators"
    generators.mkdir(parents=True, exist_ok=True)
    for link in [units / name for name in MASKED] + [generators / f"systemd-{name}-generator" for name in GENERATORS]:
        if not link.is_symlink():
            link.symlink_to("/dev/null")
    journal = tree / "etc/systemd/journald.conf.d"
    journal.mkdir(parents=True, exist_ok=True)
    (journal / "test.conf").write_text("[Journal]\nStorage=volatile\n")
    link = units / "multi-user.target.wants/agent.service"
    if not link.is_symlink():
        link.symlink_to("../agent.service")


class Failure(Exception):
    """Something is wrong with the guest itself, not with what is tested in it."""


class Command:
    """A command in the guest: what it has printed so far, and its exit code, None until its end."""

    def __init__(self):
        self.out = ""
        self.err = ""
        self.code = None


class Guest:
    def __init__(self, programs, work, disks=None, processors=1, memory=1024, options=""):
        """`disks`: names and where each is mounted; each is made as an empty ext4 file system."""
        self.work = Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.image = image.root(programs)
        self.disks = []
        places = []
        for name, place in (disks or {}).items():
            places.append(f"vd{chr(ord('b') + len(places))}:{place}")
            disk = self.work / f"{name}.img"
            subprocess.run(
                ["mke2fs", "-q", "-F", "-t", "ext4", "-L", name, str(disk), SIZE], check=True,
                stdout=subprocess.DEVNULL)
            self.disks.append(disk)
        if places:
            options += f" bobbin.disks={','.join(places)}"
        self.settings = {"processors": processors, "memory": memory, "options": options}
        self.machine = None
        self.starts = 0

    # A start and its end

    def start(self):
        """Starts the guest and returns when it runs commands."""
        overlays = [self._overlay(disk) for disk in self.disks]
        for disk, overlay in zip(self.disks, overlays):
            machine.make_overlay(overlay, disk, "raw")
        (self.work / "agent").unlink(missing_ok=True)
        self.starts += 1
        self.commands = {}
        self.lines = queue.SimpleQueue()
        self.machine = machine.Machine(self.image, overlays, self.work, **self.settings)
        end = time.monotonic() + PATIENCE
        self.port = self._connect(end)
        self.reader = threading.Thread(target=self._read, args=(self.port, self.lines), daemon=True)
        self.reader.start()
        while self._next(end).get("ready") is None:
            pass

    def cut(self):
        """Cuts the power: what was not flushed is lost. Lines that had arrived before may still be read."""
        self.machine.cut()
        self.reader.join()
        self.port.close()
        for disk in self.disks:
            subprocess.run(["qemu-img", "commit", "-q", "-d", str(self._overlay(disk))], check=True)
            self._overlay(disk).unlink()

    def close(self):
        if self.machine and self.machine.is_running():
            self.machine.cut()
            self.reader.join()
            self.port.close()

    # Commands

    def begin(self, words, text="", env=None):
        """Starts a command. What it prints is in `messages`, as it comes."""
        number = len(self.commands) + 1
        self.commands[number] = Command()
        self._ask({"id": number, "run": words, "input": text, "env": env or {}})
        return self.commands[number]

    def run(self, words, text="", env=None, patience=PATIENCE, check=True):
        """Runs a command to its end."""
        command = self.begin(words, text, env)
        self.wait(command, patience)
        if check and command.code != 0:
            raise Failure(f"{' '.join(words)} ended with {command.code}:\n{command.out[-2000:]}{command.err[-2000:]}")
        return command

    def put(self, path, content, mode=0o644):
        number = len(self.commands) + 1
        command = self.commands[number] = Command()
        self._ask({"id": number, "put": path, "mode": mode, "content": base64.b64encode(content).decode()})
        self.wait(command, PATIENCE)
        if command.code != 0:
            raise Failure(f"cannot write {path} in the guest: {command.err}")

    def wait(self, command, patience=PATIENCE):
        end = time.monotonic() + patience
        while command.code is None:
            self._next(end)

    def messages(self, seconds):
        """What comes from the guest within that time: (command, line of its standard output)."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            try:
                message = self.lines.get(timeout=max(left, 0)) if left > 0 else self.lines.get_nowait()
            except queue.Empty:
                return
            if message is None:
                self.lines.put(None)
                return
            self._note(message)
            if "out" in message:
                yield self.commands[message["id"]], message["out"]

    # The port

    def _overlay(self, disk):
        return disk.with_suffix(".qcow2")

    def _connect(self, end):
        while True:
            port = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                # A socket's path may have 107 bytes, and that of the work directory any number.
                directory = os.open(self.work, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    port.connect(f"/proc/self/fd/{directory}/agent")
                finally:
                    os.close(directory)
                return port
            except OSError:
                port.close()
                if not self.machine.is_running() or time.monotonic() > end:
                    raise Failure(f"qemu did not start: {(self.work / 'qemu').read_text(errors='replace')}") from None
                time.sleep(0.02)

    def _ask(self, request):
        self.port.sendall(json.dumps(request).encode() + b"\n")

    @staticmethod
    def _read(port, lines):
        unread = b""
        while True:
            try:
                chunk = port.recv(65536)
            except OSError:
                chunk = b""
            if not chunk:
                # The end; a torn last line was not said.
                lines.put(None)
                return
            *whole, unread = (unread + chunk).split(b"\n")
            for line in whole:
                if line:
                    lines.put(json.loads(line))

    def _next(self, end):
        try:
            message = self.lines.get(timeout=max(end - time.monotonic(), 0.001))
        except queue.Empty:
            raise Failure(f"the guest does not answer; its console:\n{self._console()}") from None
        if message is None:
            raise Failure(f"the guest has ended; its console:\n{self._console()}")
        self._note(message)
        return message

    def _note(self, message):
        command = self.commands.get(message.get("id"))
        if command:
            command.out += message.get("out", "")
            command.err += message.get("err", "")
            command.code = message.get("code", command.code)

    def _console(self):
        return self.machine.console.read_text(errors="replace")[-3000:]
