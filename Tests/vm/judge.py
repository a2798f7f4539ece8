"""Counts and prints what a test finds, a line each."""

import threading


class Judge:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self._lock = threading.Lock()

    def check(self, name, holds, found=""):
        """Something that must hold; `found` is shown if it does not."""
        self._note(holds, name if holds else f"{name}: {found}")

    def expect_nothing(self, name, wrong, more=""):
        """A list of what is wrong, which must be empty."""
        self._note(not wrong, name + more, wrong[:20])

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed"

    def _note(self, holds, text, lines=()):
        with self._lock:
            self.passed += bool(holds)
            self.failed += not holds
            print(f"{'ok  ' if holds else 'FAIL'} {text}", flush=True)
            for line in lines:
                print(f"     {line}", flush=True)
