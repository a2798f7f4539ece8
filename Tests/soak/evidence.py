"""What there is at the end: the outbox, the history, what scripts reported, what readers saw, what is left over."""

import json
import os
import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from reader import Result, listing


@dataclass
class Evidence:
    drops: list
    results: dict  # run → Result, as it is now
    unreadable: list
    seen: dict  # run → Result, as its reader saw it first
    deleted: set  # runs whose result a reader deleted
    rows: list
    attempts: list
    statistics: list
    starts: list  # (token, run, attempt)
    links: dict  # (queue, name) → target
    left: list  # paths that should be gone
    archived: set
    complaints: list

    def __post_init__(self):
        self.matches = self._match()

    def _match(self):
        """The rows of each drop, by token: by its run id, its label, its content or, for what had neither, its name."""
        by_run, by_label, by_content, by_name = (defaultdict(list) for _ in range(4))
        for row in self.rows:
            by_run[row["run"]].append(row)
            by_label[json.loads(row["labels"] or "{}").get("drop")].append(row)
            by_content[row["bundle_sha256"], row["name"]].append(row)
            by_name[row["name"]].append(row)
        found = {}
        for drop in self.drops:
            if drop.what == "conflict":
                found[drop.token] = by_content[drop.sha256, drop.name]
            elif drop.run:
                found[drop.token] = by_run[drop.run]
            elif drop.token in by_label:
                found[drop.token] = by_label[drop.token]
            elif drop.sha256 and (drop.sha256, drop.name) in by_content:
                found[drop.token] = by_content[drop.sha256, drop.name]
            elif drop.what == "rejected":
                found[drop.token] = by_name[drop.name]
            else:
                found[drop.token] = []
        return found

    def row(self, drop):
        rows = self.matches[drop.token]
        return rows[0] if len(rows) == 1 else None

    def ended(self):
        """Each drop with its one row and its result as it was seen first, if all of it is there."""
        for drop in self.drops:
            row = self.row(drop)
            if row is not None and row["run"] in self.seen:
                yield drop, row, self.seen[row["run"]]


def gather(soak):
    spool = soak.spool.path
    results, unreadable = {}, []
    for queue, path in listing(spool / "outbox"):
        try:
            result = Result.read(queue, path)
            results[result.run] = result
        except (ValueError, KeyError, OSError) as error:
            unreadable.append(f"{queue}/{path.name} {error}")
    links = {}
    for queue in (spool / "outbox").iterdir():
        for entry in os.scandir(queue):
            if entry.is_symlink():
                links[queue.name, entry.name] = os.readlink(entry.path)
    left = []
    for place in ("state/runs", "state/trash", "control/cancel"):
        left += [f"{place}/{name}" for name in os.listdir(spool / place)]
    for place in ("active", "inbox"):
        for queue in (spool / place).iterdir():
            left += [f"{place}/{queue.name}/{n}" for n in os.listdir(queue) if place == "inbox" or n[0] != "."]
    history = sqlite3.connect(f"file:{spool}/history/history.sqlite?mode=ro", uri=True)
    history.row_factory = sqlite3.Row
    try:
        rows = [dict(row) for row in history.execute("SELECT * FROM runs")]
        attempts = [dict(row) for row in history.execute("SELECT * FROM attempts")]
        statistics = [dict(row) for row in history.execute("SELECT * FROM daily_statistics")]
    finally:
        history.close()
    reader = soak.reader
    return Evidence(
        drops=[drop for drop in soak.drops if drop.is_dropped],
        results=results,
        unreadable=unreadable,
        seen={result.run: result for result in reader.seen.values()},
        deleted={entry[-26:] for _, entry in reader.deleted},
        rows=rows,
        attempts=attempts,
        statistics=statistics,
        starts=soak.witness.starts(),
        links=links,
        left=left,
        archived=set(os.listdir(spool / "state/archive")),
        complaints=list(soak.complaints),
    )
