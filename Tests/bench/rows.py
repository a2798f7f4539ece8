"""Prints the table: one line a figure, with target and verdict where there is a target."""


class Rows:
    def __init__(self):
        self.met = self.missed = self.skipped = 0
        self._said = set()

    def title(self, text):
        print(f"\n{text}", flush=True)

    def _line(self, name, measured, target="", verdict=""):
        print(f"  {name:<58} {target:>10} {measured:>14}  {verdict}".rstrip(), flush=True)

    def figure(self, name, measured):
        self._line(name, measured)

    def target(self, name, target, measured, met):
        if met:
            self.met += 1
        else:
            self.missed += 1
        self._line(name, measured, target, "met" if met else "MISSED")

    def skip(self, name, reason):
        if name not in self._said:
            self._said.add(name)
            self.skipped += 1
            self._line(name, "skipped", "", reason)
