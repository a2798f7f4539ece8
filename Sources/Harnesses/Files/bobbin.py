"""What a script can say to Bobbin while it runs: log lines, progress, a closing message, a checkpoint.

    import bobbin

    bobbin.log.info("%d rows", 3)
    bobbin.progress(0.4, "half way, nearly")
    bobbin.message("all sold")
    bobbin.checkpoint({"last": 17})
    bobbin.last_checkpoint()

Outside Bobbin log lines go to stderr and the rest is silent. (The harness writes its own events by _send and _write.)
"""

import os
import sys
from _thread import RLock

try:
    from _json import encode_basestring as _quoted
except ImportError:
    from json.encoder import encode_basestring as _quoted

__all__ = ["log", "progress", "message", "checkpoint", "last_checkpoint"]

_LONGEST_LINE = 65536  # bytes, with the newline; longer ones Bobbin does not read

_path = os.environ.get("BOBBIN_EVENTS")

_one_at_a_time = RLock()  # the kernel keeps lines of up to 4096 bytes apart, this the longer ones of threads


def _fresh_lock():
    global _one_at_a_time
    _one_at_a_time = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fresh_lock)  # another thread may hold it in the parent, for ever in the child


class _Log:
    """Lines for log.jsonl, in five levels. Arguments are put in as `message % args`, as by `logging`."""

    __slots__ = ()

    def trace(self, message, *args):
        _log("trace", message, args)

    def debug(self, message, *args):
        _log("debug", message, args)

    def info(self, message, *args):
        _log("info", message, args)

    def warn(self, message, *args):
        _log("warn", message, args)

    def error(self, message, *args):
        """A run with an error line is `failed`, unless its manifest says `fail_on_error_log: false`."""
        _log("error", message, args)

    warning = warn


log = _Log()


def progress(value, text=None):
    """How much is done, from 0 to 1; what lies outside becomes 0 or 1, NaN is a ValueError."""
    value = float(value)
    if value != value:
        raise ValueError("progress is NaN; it goes from 0 to 1")
    value = min(1.0, max(0.0, value))
    if text is None:
        _send(type="progress", value=value)
    else:
        _send(type="progress", value=value, text=str(text))


def message(text):
    """The run's closing line; the last one counts."""
    _send(type="message", text=str(text))


def checkpoint(value):
    """Kept if the run succeeds; the next run finds it by last_checkpoint(). Any JSON, or a date, a Decimal, a numpy number."""
    import json

    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_json_form)
    line = f'{{"type":"checkpoint","value":{text}}}\n'.encode("utf-8", "replace")
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"a checkpoint of {len(line)} bytes; {_LONGEST_LINE} are the most")
    _write(line)


def last_checkpoint():
    """The checkpoint of the last run that succeeded, or None."""
    text = os.environ.get("BOBBIN_CHECKPOINT")
    if text is None:
        return None
    import json

    return json.loads(text)


def _json_form(value):
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "as_tuple"):  # Decimal
        return str(value)
    if hasattr(value, "item"):  # numpy
        return value.item()
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__}")


def _log(level, message, args):
    message = str(message)
    if args:
        # One mapping is for %(name)s, as in logging.
        values = args[0] if len(args) == 1 and isinstance(args[0], dict) else args
        try:
            message %= values
        except (TypeError, ValueError, KeyError):  # a log line that is not well put ends no run
            message = f"{message} {args!r}"
    if not _send(type="log", level=level, message=message):
        try:
            sys.stderr.write(f"{level}: {message}\n")
            sys.stderr.flush()
        except (AttributeError, OSError, ValueError):
            pass


def _send(**event):
    """Writes one event; returns whether it could. The longest text is cut if the line would be too long."""
    line = _line(event)
    if len(line) > _LONGEST_LINE:
        key = max((key for key in event if isinstance(event[key], str)), key=lambda key: len(event[key]))
        mark = f"… ({len(event[key])} characters)"
        least, most = 0, len(event[key])
        while most - least > 1:  # how much of it fits; an escape takes up to 6 bytes, so that is not its length
            half = (least + most) // 2
            fits = len(_line({**event, key: event[key][:half] + mark})) <= _LONGEST_LINE
            least, most = (half, most) if fits else (least, half)
        line = _line({**event, key: event[key][:least] + mark})
    return _write(line)


def _line(event):
    pairs = (f'"{key}":{_quoted(value) if isinstance(value, str) else repr(value)}' for key, value in event.items())
    return f"{{{','.join(pairs)}}}\n".encode("utf-8", "replace")


def _write(line):
    """Opens, writes and closes: nothing is left that a script could close, or a forked child share."""
    if not _path:
        return False
    with _one_at_a_time:
        try:
            # Not blocking, for without a reader the opening would wait for ever; the writing may wait for a slow one.
            file = os.open(_path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            os.set_blocking(file, True)
            while line:
                line = line[os.write(file, line):]
        except OSError:
            return False
        finally:
            os.close(file)
    return True
