"""Coroutines that a statement made and nobody awaited: what is a warning elsewhere is an error there."""

import sys
import warnings

forgotten = []


def watch():
    """Python tells of such a coroutine when it is freed, by this function of `warnings`; no public hook sees them all."""
    warnings._warn_unawaited_coroutine = _note
    sys.set_coroutine_origin_tracking_depth(8)


def _note(coroutine):
    path, line = None, None
    for name, number, _ in coroutine.cr_origin or ():
        if not name.startswith(f"{harness.HERE}/harness"):
            path, line = name, number
            break
    forgotten.append((coroutine.__qualname__.replace("statement.<locals>.", "", 1), path, line))


def check():
    """Raises if there has been one since the last time."""
    if not forgotten:
        return
    found, forgotten[:] = forgotten[:], []
    name, path, line = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise harness.Complaint(f"the coroutine '{name}' was never awaited{more}: write 'await {name}(…)'", path, line)
