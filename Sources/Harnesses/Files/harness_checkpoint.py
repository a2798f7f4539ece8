"""`checkpoint: {column: id}`: what the last row of the result has there."""

import sys


def send_last(value, column):
    """Nothing without a row: the checkpoint that was there stays."""
    if not harness.is_first_process():
        return
    place = "the last row of the result"
    if harness.is_frame(value):
        value = harness.part("columns").converted(value.tail(1))
    if not isinstance(value, (list, tuple)):
        raise harness.Complaint(f"'checkpoint: {{column: {column}}}' needs a list of objects as the result")
    if not value:
        return
    last = value[-1]
    if hasattr(type(last), "__dataclass_fields__"):
        last = vars(last)
    if not isinstance(last, sys.modules["_collections_abc"].Mapping):
        raise harness.Complaint(f"'checkpoint: {{column: {column}}}' needs objects; {place} is none")
    if column not in last:
        raise harness.Complaint(f"{place} has no column '{column}' for the checkpoint; it has {', '.join(map(str, last))}")
    line = b'{"type":"checkpoint","value":' + harness.part("json").encode(last[column]) + b"}\n"
    helper = harness.helper()
    if len(line) > helper._LONGEST_LINE:
        raise harness.Complaint(f"the checkpoint, column '{column}' of the last row, is too long: {len(line)} bytes")
    helper._write(line)
