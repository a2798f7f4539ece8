"""What the guest had acknowledged before its power was cut, and whether that is still so."""

import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "guest"))
import bundles  # noqa: E402


class Ledger:
    """Of one guest, over all its cuts."""

    def __init__(self):
        # Since the results were judged last.
        self.taken = set()
        self.submitted = {}
        self.visible = {}
        # From the beginning: how often a run said that it runs, and every result that was found after a cut.
        self.starts = Counter()
        self.judged = {}
        self.counts = Counter()

    # Before the cut

    def note(self, line):
        """One line of the dropper; returns what kind of acknowledgement it is, if it is one."""
        message = json.loads(line)
        if "taken" in message:
            self.taken.add(message["taken"])
            return "taken"
        if "submitted" in message:
            self.submitted[message["submitted"]] = message["name"]
            return "submitted"
        if "result" in message:
            self.visible[message["result"]] = (message["state"], message["digest"])
            return "result"
        self.starts[tuple(message["ran"])] += 1
        return None

    def acknowledgements(self):
        return len(self.taken) + len(self.submitted) + len(self.visible)

    # After it

    def judge(self, output, history):
        """Everything that is wrong, a sentence each.

        `output`: what results.py printed. `history`: what `bobbin history --json` printed, of these results at least.
        """
        found, links, wrong = {}, {}, []
        for line in output.splitlines():
            message = json.loads(line)
            if "left" in message:
                wrong.append(f"{message['left']} is still there")
            elif "link" in message:
                links[message["link"]] = message["target"]
            else:
                found[message["result"]] = message
        wrong += self._losses(found)
        for entry, result in found.items():
            wrong += [f"{entry}: {what}" for what in self._content(entry, result)]
        wrong += self._twice(found)
        wrong += self._links(found, links)
        rows = [json.loads(line) for line in history.splitlines()]
        states = {entry.rpartition(".")[2]: result["state"] for entry, result in found.items()}
        wrong += self._history(states, rows)
        self.judged.update(states)
        self.counts["acknowledged"] += self.acknowledgements()
        self.counts["results"] += len(found)
        for result in found.values():
            self.counts[result["state"]] += 1
        self.taken, self.submitted, self.visible = set(), {}, {}
        return wrong

    def _losses(self, found):
        for entry, (state, digest) in self.visible.items():
            result = found.get(entry)
            if result is None:
                yield f"{entry} was visible ({state}) and is gone"
            elif (result["state"], result["digest"]) != (state, digest):
                yield f"{entry} was visible ({state}) and is another now ({result['state']})"
        by_name = {entry.rpartition(".")[0] for entry in found}
        for name in self.taken - by_name:
            yield f"{name} had left the inbox and has no result"
        for run, name in self.submitted.items():
            if f"{name}.{run}" not in found:
                yield f"{name}.{run} was submitted and has no result"

    def _content(self, entry, result):
        """Whether a result is what its bundle makes, or says that it was interrupted."""
        name, _, run = entry.rpartition(".")
        status = json.loads(result["status"] or "{}")
        if (status.get("run"), status.get("name"), status.get("state")) != (run, name, result["state"]):
            yield "state and status.json are not of one piece"
        known = name in self.taken or run in self.submitted or entry in self.visible
        if not known or result["state"] == "interrupted":
            # A drop that nobody flushed may be torn, if the cut came before Bobbin took it.
            return
        states, output, files = bundles.outcome(name)
        if result["state"] not in states:
            yield f"{result['state']} is not {' or '.join(states)}: {status.get('reason')}"
        elif result["state"] == "succeeded":
            if result["stdout"] != output:
                yield f"its stdout is wrong: {len(result['stdout'] or '')} characters for {len(output)}"
            if result["files"] != files:
                yield f"its files are wrong: {result['files']} for {files}"
            if result["exit_code"] != "0\n":
                yield f"its exit_code is {result['exit_code']!r}"

    def _twice(self, found):
        names = Counter(entry.rpartition(".")[0] for entry in found)
        for name, count in names.items():
            if count > 1:
                yield f"{name} has {count} results"
        for (run, attempt), count in self.starts.items():
            if count > 1:
                yield f"{run} ran {count} times as attempt {attempt}"

    def _links(self, found, links):
        # Every name is dropped once, so its link shows its only result.
        for entry in found:
            name = entry.rpartition(".")[0]
            if links.get(name) != entry:
                yield f"the link {name} shows {links.get(name)} instead of {entry}"

    def _history(self, states, rows):
        runs = Counter(row["run"] for row in rows)
        for run, count in runs.items():
            if count > 1:
                yield f"the history has {run} {count} times"
        known = {row["run"]: row["state"] for row in rows}
        for run, state in states.items():
            if known.get(run) != state:
                yield f"the history says {known.get(run)} of {run}, its result {state}"

    def judge_all(self, history):
        """At the end: the whole history against every result that was ever found."""
        rows = [json.loads(line) for line in history.splitlines()]
        wrong = list(self._history(self.judged, rows))
        for row in rows:
            if row["run"] not in self.judged:
                wrong.append(f"the history has {row['run']}, which had no result")
        return wrong
