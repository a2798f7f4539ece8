"""Hears from every script that it has started: what a daemon that runs something twice cannot hide.

A script reports its run and attempt over the loopback, waits for the answer, and keeps the connection until it ends, so
that the kernel tells when the last process of it is gone.
"""

import socket
import threading
import time
from collections import Counter


class Witness:
    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._socket.getsockname()[1]
        self._lock = threading.Lock()
        self._starts = []
        self._open = Counter()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection):
        with connection:
            try:
                line = connection.makefile("rb").readline().decode().split()
                if len(line) != 3:
                    return
                token, run, attempt = line[0], line[1], int(line[2])
                with self._lock:
                    self._starts.append((token, run, attempt))
                    self._open[run] += 1
                try:
                    connection.sendall(b"heard\n")
                    connection.recv(1)
                finally:
                    with self._lock:
                        self._open[run] -= 1
            except OSError:
                # It was killed, or its network namespace went with it.
                pass

    def starts(self):
        with self._lock:
            return list(self._starts)

    # For the trial of the checker.

    def invent(self, start):
        with self._lock:
            self._starts.append(start)

    def take_back(self):
        with self._lock:
            self._starts.pop()

    def is_silent(self, run, within):
        """Whether no process of a run is alive, but for the moment that the news takes."""
        end = time.monotonic() + within
        while True:
            with self._lock:
                if self._open[run] == 0:
                    return True
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
