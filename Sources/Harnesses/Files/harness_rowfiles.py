"""The items of the input, one at a time: of a CSV file, a file of JSON lines, or a JSON list."""


def rows(source):
    path = source["path"]
    try:
        with open(path, "rb") as file:
            yield from _READERS[source["kind"]](file, path)
    except OSError as error:
        raise harness.Complaint(f"the input cannot be read: {error.strerror}", path)
    except UnicodeDecodeError:
        line = harness.part("failure").undecodable_line(path)
        raise harness.Complaint("the input is not UTF-8", path, line)


def _csv(file, path):
    import _csv as csv
    from io import TextIOWrapper

    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(TextIOWrapper(file, "utf-8-sig", newline=""), strict=True)
    line = 1
    try:
        header = next(reader, None)
        if header is None:
            return
        _check_header(header, path)
        width = len(header)
        line = reader.line_num + 1
        for row in reader:
            if len(row) == width:
                yield dict(zip(header, row))
            elif row:  # an empty line is none
                if len(row) > width:
                    raise harness.Complaint(f"{len(row)} fields where the header has {width}", path, line)
                yield dict(zip(header, row + [None] * (width - len(row))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise harness.Complaint(f"not CSV: {error}", path, line)


def _check_header(header, path):
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise harness.Complaint(f"the header has '{twice}' twice", path, 1)


def _jsonl(file, path):
    json = harness.part("json")
    scan = json.scan
    number = 0
    try:
        for number, line in enumerate(file, 1):
            if number == 1 and line.startswith(b"\xef\xbb\xbf"):
                line = line[3:]
            text = line.strip(b" \t\r\n").decode()
            if text:
                value, end = scan(text, 0)
                if end != len(text):
                    raise json.NotJSON("more after the value's end", 1, end + 1)
                yield value
    except UnicodeDecodeError:
        raise
    except json.WRONG as error:
        raise harness.Complaint(str(json.explained(error, text, 0)), path, number)


_READERS = {"csv": _csv, "jsonl": _jsonl, "json": lambda file, path: harness.part("array").items(file, path)}
