"""Values of numpy and pandas as Python's own. Neither is imported here: whoever made the value has done that."""

import sys

UNKNOWN = object()


def converted(value):
    """A list, a number, a date…, for the forms to go on with; UNKNOWN if it is something else of theirs."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None and hasattr(pandas, "DataFrame"):
        if value is getattr(pandas, "NA", UNKNOWN):
            return None
        if isinstance(value, pandas.DataFrame):
            return _rows(value)
        if isinstance(value, (pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)):
            return list(value)
        if isinstance(value, (pandas.Period, pandas.Interval)):
            return str(value)
    if numpy is not None and hasattr(numpy, "ndarray"):
        if isinstance(value, numpy.datetime64):
            return _date(numpy, value)
        if isinstance(value, numpy.timedelta64):
            return float(value / numpy.timedelta64(1, "s"))
        if isinstance(value, numpy.ndarray):
            return _array(numpy, value)
        if isinstance(value, numpy.generic) and value.dtype.kind in "biufOSUV":
            return value.item()
    return UNKNOWN


def names(frame):
    """A data frame's columns as texts."""
    found = [name if isinstance(name, str) else str(name) for name in frame.columns]
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise harness.part("forms").Unfit(f"a data frame with two columns '{twice}'")
    return found


def _rows(frame):
    """A list of objects; the index is not in it."""
    keys = names(frame)
    columns = [_column(frame.iloc[:, number]) for number in range(len(keys))]
    if not columns:
        return [{} for _ in range(len(frame))]
    return [dict(zip(keys, row)) for row in zip(*columns)]


def _column(series):
    values = series.tolist()
    if series.dtype.kind == "f":
        return [None if value != value else value for value in values]
    return values


def _array(numpy, array):
    if array.dtype.kind == "M":
        if array.ndim == 0:
            return _date(numpy, array[()])
        inner = _date if array.ndim == 1 else _array
        return [inner(numpy, item) for item in array]
    if array.dtype.kind == "m":
        return (array / numpy.timedelta64(1, "s")).tolist()
    return array.tolist()


def _date(numpy, value):
    if numpy.isnat(value):
        return None
    if numpy.datetime_data(value.dtype)[0] in ("ns", "ps", "fs", "as"):
        in_microseconds = value.astype("datetime64[us]")
        if in_microseconds == value:
            value = in_microseconds
    item = value.item()
    # What `datetime` cannot hold, a year beyond 9999 or nanoseconds, is an int here.
    return item.isoformat() if hasattr(item, "isoformat") else str(numpy.datetime_as_string(value))
