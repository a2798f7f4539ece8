"""What Bobbin promises, each as a function from the evidence to what contradicts it."""

import json
from collections import Counter, defaultdict

WHOLE = {"succeeded", "failed", "killed"}


def one_row_each(evidence):
    """every drop has exactly one row in the history, and no row is nobody's"""
    for drop in evidence.drops:
        rows = evidence.matches[drop.token]
        if len(rows) != 1:
            yield f"{drop.queue}/{drop.name} ({drop.token}, {drop.form} by {drop.way}) has {len(rows)} rows"
    known = Counter(row["run"] for rows in evidence.matches.values() for row in rows)
    for row in evidence.rows:
        if known[row["run"]] != 1:
            yield f"run {row['run']} of {row['name']} stands for {known[row['run']]} drops"


def one_result_each(evidence):
    """every run has its result, unless its reader deleted it, and no result is nobody's"""
    runs = {row["run"] for row in evidence.rows}
    for run in runs - evidence.results.keys() - evidence.deleted:
        yield f"the result of {run} is lost"
    for run in evidence.results.keys() - runs:
        yield f"the result of {run} is in no history"
    for run in evidence.results.keys() & evidence.deleted:
        yield f"the result of {run} was deleted and is there again"
    yield from evidence.unreadable


def nothing_twice(evidence):
    """nothing ran twice: each script reported each of its attempts once, and no more than its manifest allows"""
    for (run, attempt), count in Counter((run, attempt) for _, run, attempt in evidence.starts).items():
        if count > 1:
            yield f"run {run} was started {count} times as attempt {attempt}"
    allowed = {drop.token: drop.attempts for drop in evidence.drops}
    runs = defaultdict(set)
    for token, run, attempt in evidence.starts:
        runs[token].add(run)
        if not 1 <= attempt <= allowed.get(token, 0):
            yield f"run {run} was started as attempt {attempt}"
    for token, found in runs.items():
        if len(found) > 1:
            yield f"{token} ran as {', '.join(sorted(found))}"


def starts_agree(evidence):
    """what a state says of a script's start, the script said, too"""
    started = {run: attempt for _, run, attempt in sorted(evidence.starts, key=lambda start: start[2])}
    for drop in evidence.drops:
        row = evidence.row(drop)
        if row is None or not drop.is_heard or not drop.is_whole:
            continue
        if row["state"] in WHOLE | {"timed_out"} and started.get(row["run"]) != row["attempt"]:
            yield f"{row['run']} is {row['state']} after attempt {row['attempt']}; heard was {started.get(row['run'])}"
        if row["state"] == "rejected" and row["run"] in started:
            yield f"{row['run']} is rejected and ran"


def attempts_agree(evidence):
    """the history has each attempt that a script reported, each once, and the last is the run's own"""
    known = Counter((row["run"], row["attempt"]) for row in evidence.attempts)
    heard = {(run, attempt) for _, run, attempt in evidence.starts}
    for run, attempt in heard - known.keys():
        yield f"attempt {attempt} of run {run} is in no history"
    for (run, attempt), count in known.items():
        if count > 1:
            yield f"attempt {attempt} of run {run} is {count} times in the history"
    for row in evidence.rows:
        last = max((attempt for run, attempt in known if run == row["run"]), default=None)
        if last != row["attempt"]:
            yield f"run {row['run']} has attempt {row['attempt']}, the last of its attempts is {last}"


def states(evidence):
    """every final state is one that the bundle can have"""
    for drop in evidence.drops:
        row = evidence.row(drop)
        if row is None or not drop.is_whole:
            continue
        if row["state"] not in drop.states:
            yield f"{drop.name}.{row['run']} ({drop.what}) is {row['state']}: {row['reason']} {row['errors'] or ''}"
        elif row["state"] == "failed" and row["exit_code"] != drop.code:
            yield f"{drop.name}.{row['run']} exited with {row['exit_code']}, not {drop.code}"
        if drop.what == "conflict":
            codes = [error["code"] for error in json.loads(row["errors"] or "[]")]
            if row["run"] == drop.conflicts_with or codes != ["run_id_used"]:
                yield f"{drop.name}.{row['run']}: other content under a used id has {codes}"


def whole(evidence):
    """results are whole: output and files are what the bundle makes, hashes are those of what was sent"""
    for drop, row, result in evidence.ended():
        if not drop.is_whole:
            continue
        label, state = f"{drop.name}.{row['run']} ({row['state']})", row["state"]
        if drop.sha256 and result.status.get("bundle_sha256", drop.sha256) != drop.sha256:
            yield f"{label}: bundle_sha256 is {result.status['bundle_sha256']}"
        files = {path[6:]: content for path, content in result.files.items() if path.startswith("files/")}
        if state == "rejected":
            sent = {path: content for path, content in result.files.items() if path.split("/")[0] == "sent"}
            if not sent or (drop.sha256 and sent != {"sent": drop.sha256}):
                yield f"{label}: it came back as {sorted(sent)}"
        elif "manifest.json" not in result.files:
            yield f"{label}: it has no manifest.json"
        elif state in WHOLE:
            if result.stdout != drop.stdout:
                yield f"{label}: stdout is {result.stdout[:200]!r}, not {drop.stdout[:200]!r}"
            if files != drop.files:
                yield f"{label}: files/ has {sorted(files)}, not {sorted(drop.files)}"
        elif not drop.stdout.startswith(result.stdout):
            yield f"{label}: stdout {result.stdout[:200]!r} is not a part of {drop.stdout[:200]!r}"
        elif files.keys() - drop.files.keys():
            yield f"{label}: files/ has {sorted(files)}"


def unchanged(evidence):
    """what a reader saw once never changes"""
    for run, result in evidence.results.items():
        seen = evidence.seen.get(run)
        if seen is None:
            yield f"{run} appeared unseen"
        elif seen.files != result.files:
            changed = {name for name, _ in seen.files.items() ^ result.files.items()}
            yield f"{run} changed after it was visible: {sorted(changed)}"


def links(evidence):
    """each name links to the result of its newest drop"""
    newest = {}
    for row in evidence.rows:
        key = row["queue"], row["name"]
        if key not in newest or newest[key]["claim"] < row["claim"]:
            newest[key] = row
    for (queue, name), row in newest.items():
        target = evidence.links.get((queue, name))
        if target != f"{name}.{row['run']}" and not (target is None and row["run"] in evidence.deleted):
            yield f"outbox/{queue}/{name} leads to {target}, not to {row['run']}"
    for queue, name in evidence.links.keys() - newest.keys():
        yield f"outbox/{queue}/{name} is nobody's"


def order(evidence):
    """drops of one name are taken in the order in which they were dropped"""
    by_name = defaultdict(list)
    for drop in evidence.drops:
        if evidence.row(drop):
            by_name[drop.queue, drop.name].append(drop)
    for key, drops in by_name.items():
        claims = [evidence.row(drop)["claim"] for drop in sorted(drops, key=lambda drop: drop.order)]
        if claims != sorted(claims):
            yield f"{'/'.join(key)} was taken in the order {claims}"


def nothing_left(evidence):
    """nothing is left over in inbox, active, state/runs, trash and control/cancel"""
    yield from evidence.left


def history_agrees(evidence):
    """every row of the history says what status.json says"""
    for run, result in evidence.seen.items():
        rows = [row for row in evidence.rows if row["run"] == run]
        for row in rows[:1]:
            for key, value in row.items():
                said = result.status.get(key)
                if key in ("errors", "labels", "enforced", "dropped_files"):
                    value = json.loads(value) if value else None
                elif key == "truncated":
                    value = bool(value)
                elif key not in COMPARED:
                    continue
                if (value or None) != (said or None):
                    yield f"{run}: {key} is {value!r} in the history, {said!r} in status.json"


COMPARED = {
    "run", "name", "queue", "state", "exit_code", "signal", "reason", "title", "owner", "attempt", "submitted_at",
    "started_at", "finished_at", "wait_seconds", "wall_seconds", "cpu_seconds", "max_rss_bytes", "stdout_bytes",
    "stderr_bytes", "bundle_sha256", "runtime", "parent_run",
}  # fmt: skip


def statistics_agree(evidence):
    """the statistics are the sums of the history, of all attempts"""
    sums, attempts = defaultdict(lambda: [0, 0, 0, 0]), defaultdict(list)
    for row in evidence.attempts:
        attempts[row["run"]].append(row)
    for row in evidence.rows:
        found = sums[row["finished_at"][:10], row["queue"], row["owner"], row["name"], row["state"]]
        found[0] += 1
        for part in attempts[row["run"]] or [row]:
            for place, key in enumerate(("wall_seconds", "cpu_seconds", "wait_seconds"), 1):
                found[place] += round(1000 * (part[key] or 0))
    kept = {}
    for row in evidence.statistics:
        found = [row["runs"]] + [round(1000 * row[key]) for key in ("wall_seconds", "cpu_seconds", "wait_seconds")]
        kept[row["day"], row["queue"], row["owner"], row["name"], row["state"]] = found
    for key in sums.keys() | kept.keys():
        if sums.get(key) != kept.get(key):
            yield f"{key}: {kept.get(key)} in the statistics, {sums.get(key)} in the history"


def archived(evidence):
    """every bundle that was accepted is kept in the archive"""
    accepted = {row["run"] for row in evidence.rows if row["manifest"]}
    for run in accepted - evidence.archived:
        yield f"{run} is not in the archive"
    for run in evidence.archived - accepted:
        yield f"{run} is in the archive, but was not accepted"


def as_it_went(evidence):
    """nothing was seen meanwhile that must not be"""
    yield from evidence.complaints


PROMISES = [
    one_row_each, one_result_each, nothing_twice, starts_agree, attempts_agree, states, whole, unchanged, links, order,
    nothing_left, history_agrees, statistics_agree, archived, as_it_went,
]  # fmt: skip
