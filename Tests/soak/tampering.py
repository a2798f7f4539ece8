"""Shows that the checker can fail: harm is done behind its back, one at a time, and the promise that it breaks must say so."""

import contextlib
import shutil
import sqlite3

import promises


def _some_result(soak, state="succeeded"):
    found = soak.evidence()
    run = next(run for run, result in sorted(found.results.items()) if result.status["state"] == state)
    result = found.results[run]
    return soak.spool.path / "outbox" / result.queue / result.entry


@contextlib.contextmanager
def lost_result(soak):
    """a result that nobody deleted is taken away"""
    path = _some_result(soak)
    aside = soak.spool.work / "aside"
    path.rename(aside)
    yield promises.one_result_each
    aside.rename(path)


@contextlib.contextmanager
def double_start(soak):
    """a script reports its start once more"""
    start = soak.witness.starts()[0]
    soak.witness.invent(start)
    yield promises.nothing_twice
    soak.witness.take_back()


@contextlib.contextmanager
def unheard_start(soak):
    """a script ran that was never dropped"""
    token, _, attempt = soak.witness.starts()[0]
    soak.witness.invent((token, "01AAAAAAAAAAAAAAAAAAAAAAAA", attempt))
    yield promises.nothing_twice
    soak.witness.take_back()


@contextlib.contextmanager
def changed_byte(soak):
    """one byte of an output changes after it was visible"""
    path = _some_result(soak) / "stdout"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    yield promises.unchanged
    path.write_bytes(content)


@contextlib.contextmanager
def half_result(soak):
    """a result has no state"""
    path = _some_result(soak) / "state"
    content = path.read_bytes()
    path.unlink()
    yield promises.one_result_each
    path.write_bytes(content)


@contextlib.contextmanager
def older_link(soak):
    """a name links to another result"""
    evidence = soak.evidence()
    queue, name = min(key for key, target in evidence.links.items() if target[-26:] in evidence.results)
    link = soak.spool.path / "outbox" / queue / name
    was = link.readlink()
    link.unlink()
    link.symlink_to(f"{link.name}.01AAAAAAAAAAAAAAAAAAAAAAAA")
    yield promises.links
    link.unlink()
    link.symlink_to(was)


@contextlib.contextmanager
def left_record(soak):
    """a record is left in state/runs"""
    path = soak.spool.path / "state/runs/01AAAAAAAAAAAAAAAAAAAAAAAA"
    path.mkdir()
    yield promises.nothing_left
    path.rmdir()


@contextlib.contextmanager
def _changed_history(soak, statement, broken):
    file = soak.spool.path / "history/history.sqlite"
    copy = soak.spool.work / "history.copy"
    shutil.copyfile(file, copy)
    history = sqlite3.connect(file)
    history.execute(statement)
    history.commit()
    history.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    history.close()
    yield broken
    shutil.copyfile(copy, file)


def lost_row(soak):
    """a row of the history is deleted"""
    statement = "DELETE FROM run WHERE rowid = (SELECT max(rowid) FROM run)"
    return _changed_history(soak, statement, promises.one_row_each)


def changed_row(soak):
    """a row of the history says something else than status.json"""
    return _changed_history(soak, "UPDATE run SET stdout_bytes = stdout_bytes + 1", promises.history_agrees)


def changed_sum(soak):
    """a sum of the statistics is too great"""
    return _changed_history(soak, "UPDATE statistics SET runs = runs + 1", promises.statistics_agree)


TAMPERINGS = [
    lost_result, double_start, unheard_start, changed_byte, half_result, older_link, left_record, lost_row,
    changed_row, changed_sum,
]  # fmt: skip
