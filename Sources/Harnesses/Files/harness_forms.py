"""The JSON form of what is more than JSON's own types, and the path to what has none.

numpy, pandas and the standard library's types are recognised only if something has imported their modules.
"""

import sys

DEEPEST = 60
LARGEST_QUICK_INT = 10**600


class Unfit(harness.Complaint):
    """A value that cannot be JSON. `steps` lead to it; each level puts its own after them while the error passes."""

    def __init__(self, what):
        super().__init__(what)
        self.steps = []

    def __str__(self):
        return f"result{''.join(map(_step, reversed(self.steps)))}: cannot be JSON: {self.text}"


def _step(key):
    if isinstance(key, int) and not isinstance(key, bool):
        return f"[{key}]"
    if isinstance(key, str) and key.isidentifier():
        return f".{key}"
    return f"[{shown(key)}]"


def shown(value, most=60):
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except Exception:
        text = f"<{named(value)}>"
    return text if len(text) <= most else text[: most - 1] + "…"


def named(value):
    """The name of its type, as one would write it."""
    kind = type(value)
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__", "__bobbin__") else f"{module}.{kind.__qualname__}"


def plain(value, depth=0):
    """`value` made of dict, list, str, int, float, bool and None only."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int:
        return _integer(value)
    if kind is float:
        return _number(value)
    if value is None or kind is bool:
        return value
    if isinstance(value, dict):
        return _object(value.items(), depth)
    if isinstance(value, (list, tuple)):
        return _list(value, depth)
    return _converted(value, depth)


def _text(value):
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unfit(f"{shown(value)} holds a lone surrogate (a byte that was not UTF-8?)")
    return value


def _integer(value):
    if not -LARGEST_QUICK_INT < value < LARGEST_QUICK_INT:
        try:
            int.__repr__(value)
        except ValueError:
            raise Unfit("an int with more digits than Python converts")
    return value


def _number(value):
    if value != value:
        return None
    if value - value != 0:
        raise Unfit(float.__repr__(value))
    return value


def _list(items, depth):
    _check_depth(depth)
    made = []
    try:
        for item in items:
            made.append(plain(item, depth + 1))
    except Unfit as unfit:
        unfit.steps.append(len(made))
        raise
    return made


def _object(pairs, depth):
    _check_depth(depth)
    made = {}
    for key, value in pairs:
        try:
            made[key if type(key) is str else _key(key)] = plain(value, depth + 1)
        except Unfit as unfit:
            unfit.steps.append(key)
            raise
    return made


def _check_depth(depth):
    if depth >= DEEPEST:
        raise Unfit(f"more than {DEEPEST} levels, or it contains itself")


def _key(key):
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(key, getattr(numpy, "generic", ())):
        key = key.item()
    if isinstance(key, str):
        return _text(key)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int):
        return int.__repr__(_integer(key))
    if isinstance(key, float) and key - key == 0:
        return float.__repr__(key)
    raise Unfit(f"a key of type {named(key)}; make it a text, such as str(key)")


def _from(module, *names):
    """The classes of a module that has been imported, for isinstance."""
    found = sys.modules.get(module)
    kinds = (getattr(found, name, None) for name in names)
    return tuple(kind for kind in kinds if isinstance(kind, type))


def _converted(value, depth):
    if isinstance(value, _from("enum", "Enum")):
        return plain(value.value, depth)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        from binascii import b2a_base64
        return b2a_base64(bytes(value), newline=False).decode()
    if isinstance(value, _from("datetime", "date", "time")):
        text = value.isoformat()
        return None if text == "NaT" else text
    if isinstance(value, _from("datetime", "timedelta")):
        return value.total_seconds()
    if isinstance(value, _from("decimal", "Decimal")):
        return _decimal(value)
    if isinstance(value, _from("uuid", "UUID") + _from("pathlib", "PurePath")):
        return _text(str(value))
    if "numpy" in sys.modules:
        columns = harness.part("columns")
        converted = columns.converted(value)
        if converted is not columns.UNKNOWN:
            return plain(converted, depth)
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        names = (name for name in fields if hasattr(value, name))
        return _object(((name, getattr(value, name)) for name in names), depth)
    if isinstance(value, _from("_collections_abc", "Mapping")):
        return _object(value.items(), depth)
    if isinstance(value, _from("_collections_abc", "Sequence")):
        return _list(value, depth)
    raise Unfit(f"{shown(value)} ({named(value)}); {_hint(value)}")


def _decimal(value):
    if value.is_nan():
        return None
    if value.is_infinite():
        raise Unfit(repr(value))
    return str(value)


def _hint(value):
    if isinstance(value, (set, frozenset)):
        return "a set has no order: make it a list, such as sorted(it)"
    if isinstance(value, complex):
        return "give its parts, such as [it.real, it.imag]"
    if isinstance(value, type) or callable(value):
        return "was it meant to be called?"
    if hasattr(type(value), "__await__"):
        return "it wants to be awaited"
    if hasattr(type(value), "__aiter__"):
        return "collect its items, such as [item async for item in it]"
    if hasattr(type(value), "__iter__"):
        return "make it a list: list(it)"
    return "make it of dicts, lists, texts and numbers"
