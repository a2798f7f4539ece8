"""The input, from the file that the manifest names: JSON, CSV or JSON lines."""


def whole(source):
    """The input as one value; None without one."""
    if source is None:
        return None
    if source["kind"] == "json":
        return json_value(source["path"])
    return list(harness.part("rowfiles").rows(source))


def json_value(path):
    json = harness.part("json")
    try:
        return json.decode(text(path))
    except json.NotJSON as error:
        raise harness.Complaint(f"the input is {error}", path, error.line)


def text(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise harness.Complaint(f"the input cannot be read: {error.strerror}", path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise harness.Complaint(f"the input is not UTF-8: byte 0x{data[error.start]:02x}", path, line)
