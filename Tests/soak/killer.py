"""Who kills: the daemon, its launcher or its keeper, with -9, at random moments; sometimes a stop, and always a new start."""

import os
import signal
import threading
import time

VICTIMS = ["daemon", "launcher", "keeper", "all", "start", "stop"]
WEIGHTS = [42, 22, 8, 10, 10, 8]


class Killer(threading.Thread):
    """Spread over the whole run: the next comes when the next share of the drops has been made."""

    def __init__(self, soak, count, source):
        super().__init__(daemon=True)
        self.soak, self.count, self.source = soak, count, source
        self.kills = {victim: 0 for victim in VICTIMS}
        self.is_over = False
        self.error = None

    @property
    def total(self):
        return sum(self.kills.values()) - self.kills["stop"]

    def run(self):
        try:
            while self.total < self.count and not self.is_over:
                self.soak.wait_for_drops((self.total + self.source.random()) / (self.count + 1), lambda: self.is_over)
                time.sleep(self.source.random() * 0.4)
                if not self.is_over:
                    self._strike(self.source.choices(VICTIMS, WEIGHTS)[0])
        except BaseException as error:
            self.error = error
            raise

    def _strike(self, victim):
        spool = self.soak.spool
        if spool.daemon.poll() is not None:
            self.soak.complain(f"the daemon had ended with {spool.daemon.returncode}: {spool.log()}")
        if victim == "stop":
            spool.daemon.send_signal(signal.SIGTERM)
            self._await({0})
            spool.launch()
        elif victim == "start":
            # While it starts, and again.
            for _ in range(2):
                spool.kill()
                spool.launch()
                time.sleep(self.source.random() * 0.15)
            self.kills[victim] += 1
        elif victim == "daemon":
            spool.kill()
            if self.source.random() < 0.2:
                time.sleep(self.source.random() * 0.5)
            spool.launch()
        else:
            victim = self._strike_below(victim)
        self.kills[victim] += 1

    def _strike_below(self, victim):
        """Returns whom it met."""
        spool = self.soak.spool
        keeper = self._child(spool.daemon.pid)
        launcher = keeper and self._child(keeper)
        if launcher is None:
            # It has only just started; the daemon alone, then.
            spool.kill()
            spool.launch()
            return "daemon"
        if victim == "all":
            for pid in (spool.daemon.pid, keeper, launcher):
                os.kill(pid, signal.SIGKILL)
            self._await({-signal.SIGKILL})
            spool.launch()
        elif victim == "launcher":
            # A new one within a moment, from its keeper.
            os.kill(launcher, signal.SIGKILL)
        else:
            # Nothing can be run any more: the daemon ends by itself, and says so.
            os.kill(keeper, signal.SIGKILL)
            os.kill(launcher, signal.SIGKILL)
            self._await({70})
            spool.launch()
        return victim

    def _child(self, pid):
        try:
            found = [child for child in self.soak.spool.children(pid) if self._command(child).startswith("bobbin-launch")]
        except FileNotFoundError:
            return None
        return min(found, default=None)

    @staticmethod
    def _command(pid):
        try:
            with open(f"/proc/{pid}/comm") as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""

    def _await(self, codes):
        code = self.soak.spool.daemon.wait(120)
        self.soak.spool.daemon = None
        if code not in codes:
            self.soak.complain(f"the daemon ended with {code}, not {codes}: {self.soak.spool.log()}")
