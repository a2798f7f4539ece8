"""JSON, by the C parts of Python's own json module.

`import json` takes 8 ms (for `re`), more than half of what Python needs to start, and would make a bundle's own json.py
unreachable. The C parts have had these signatures since Python 3.2; should they change, json itself is used.
"""

DEEPEST = 60
SPACE = " \t\n\r"


class NotJSON(ValueError):
    """Text that is not JSON; `line` and `column` are None where they are not known."""

    def __init__(self, message, line=None, column=None):
        place = f"line {line}, column {column}: " if line else ""
        super().__init__(f"not JSON: {place}{message}")
        self.message, self.line, self.column = message, line, column


def _fitting_float(text):
    value = float(text)
    if value - value != 0:  # infinite
        raise NotJSON(f"the number {text[:40]} is too large")
    return value


def _no_constant(name):
    raise NotJSON(f"{name} is no JSON")


class _Reading:
    """What the scanner wants to know."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = staticmethod(_fitting_float)
    parse_int = int  # by C; Python refuses one of more than 4300 digits
    parse_constant = staticmethod(_no_constant)
    memo = {}


_open_containers = {}  # the encoder's, to find cycles; empty between calls unless one failed


def _not_plain(value):
    raise TypeError(type(value))


try:
    from _json import encode_basestring, make_encoder, make_scanner

    scan = make_scanner(_Reading)
    _encode = make_encoder(_open_containers, _not_plain, encode_basestring, None, ": ", ", ", False, False, False)
except (ImportError, TypeError, AttributeError):
    import json

    scan = json.JSONDecoder(parse_float=_fitting_float, parse_constant=_no_constant).scan_once

    def _encode(value, _):
        return json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_not_plain).iterencode(value)


def decode(text):
    """The value of a whole JSON text."""
    start = skip_space(text, 0)
    try:
        value, end = scan(text, start)
    except WRONG as error:
        raise explained(error, text, start)
    end = skip_space(text, end)
    if end != len(text):
        raise NotJSON("more after the value's end", *place(text, end))
    return value


def skip_space(text, at):
    while text[at : at + 1] and text[at] in SPACE:
        at += 1
    return at


def place(text, at):
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


# What `scan` may raise; SystemError because it finds no words for an error while `json.decoder` is not imported.
WRONG = (StopIteration, RecursionError, ValueError, SystemError)


def explained(error, text, start):
    """What `scan` raised for the text from `start` on, as NotJSON."""
    if isinstance(error, SystemError):
        try:
            import json.decoder

            scan(text, start)
        except Exception as told:
            error = told
    if isinstance(error, NotJSON):
        return error
    if isinstance(error, StopIteration):
        return NotJSON("a value is missing", *place(text, error.value))
    if isinstance(error, RecursionError):
        return NotJSON("nested too deeply")
    if hasattr(error, "colno"):
        return NotJSON(error.msg, error.lineno, error.colno)
    if isinstance(error, ValueError):
        return NotJSON(str(error))
    return NotJSON("something is wrong in it")  # the bundle has a json.py, so that nobody can say what


def encode(value):
    """`value` as JSON in UTF-8, without a newline. Raises Unfit (harness_forms.py) with the path of what cannot be JSON."""
    try:
        text = "".join(_encode(value, 0))
        if text.count("[") + text.count("{") <= DEEPEST or not _is_too_deep(value):
            return text.encode()
    except MemoryError:
        raise
    except Exception:  # NaN, a date, a cycle, a lone surrogate…: the longer way converts it or says where it is
        _open_containers.clear()
    return "".join(_encode(harness.part("forms").plain(value), 0)).encode()


def _is_too_deep(value):
    """Whether lists and dicts lie in more than DEEPEST levels. Looks at a level at a time, for this is quick."""
    level = [value]
    for _ in range(DEEPEST):
        inner = []
        for container in level:
            inner.extend(container.values() if isinstance(container, dict) else container)
        if not any(issubclass(kind, (dict, list, tuple)) for kind in set(map(type, inner))):
            return False
        level = [value for value in inner if isinstance(value, (dict, list, tuple))]
    return True
