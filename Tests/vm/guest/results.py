#!/usr/bin/python3
"""Reads results. As a program: waits until a spool is at rest, then says what is in it, a JSON object a line.

    {"result": NAME.RUN, "digest", "state", "exit_code", "stdout", "files": {path: sha256}, "status"}
    {"link": NAME, "target"}
    {"left": path}      something that should not be there any more

usage: results.py SPOOL SECONDS [trash]; with it also the trash is to be empty, which takes most of a minute
"""

import hashlib
import json
import os
import sys
import time

QUEUE = "default"


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def look(place):
    digest = hashlib.sha256()
    files = {}
    for directory, inner, names in os.walk(place):
        inner.sort()
        for name in sorted(names):
            path = f"{directory}/{name}"
            content = os.readlink(path).encode() if os.path.islink(path) else _read(path)
            digest.update(f"{path[len(place):]} {len(content)}\n".encode() + content)
            if directory.startswith(f"{place}/files"):
                files[path[len(place) + 7:]] = hashlib.sha256(content).hexdigest()
    word = _read(f"{place}/state")
    return {"digest": digest.hexdigest(), "state": (word or b"").decode().strip(), "files": files}


def _entries(path):
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []


def left(spool, places):
    """What is on its way. Hidden entries of the inbox are drops that were never made."""
    found = [f"inbox/{QUEUE}/{name}" for name in _entries(f"{spool}/inbox/{QUEUE}") if not name.startswith(".")]
    # The queue's words of states are there as long as the queue is.
    found += [f"active/{QUEUE}/{name}" for name in _entries(f"{spool}/active/{QUEUE}") if not name.startswith(".")]
    for place in places:
        found += [f"{place}/{name}" for name in _entries(f"{spool}/{place}")]
    return found


def main(spool, seconds, *more):
    places = ["state/runs"] + [f"state/{place}" for place in more]
    end = time.monotonic() + float(seconds)
    while left(spool, places) and time.monotonic() < end:
        time.sleep(0.1)
    for path in left(spool, places):
        print(json.dumps({"left": path}))
    outbox = f"{spool}/outbox/{QUEUE}"
    for name in _entries(outbox):
        place = f"{outbox}/{name}"
        if os.path.islink(place):
            print(json.dumps({"link": name, "target": os.readlink(place)}))
            continue
        found = look(place)
        code = _read(f"{place}/exit_code")
        output = _read(f"{place}/stdout")
        status = _read(f"{place}/status.json")
        for word, content in [("exit_code", code), ("stdout", output), ("status", status)]:
            found[word] = None if content is None else content.decode(errors="replace")
        found["result"] = name
        print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
