"""A result as CSV: quoted as RFC 4180 says, lines end with a newline alone, UTF-8 without a BOM."""

from _csv import field_size_limit, reader, writer

PIECE = 1 << 16  # characters
WANTED = "a result with 'format: csv' is a data frame, a list of objects or a list of lists"


def deliver(value, result):
    """Writes a whole result."""
    columns = harness.part("columns").names(value) if harness.is_frame(value) else None
    rows = harness.part("forms").plain(value)
    if not isinstance(rows, list):
        raise harness.Complaint(WANTED)
    if columns is None and rows and all(isinstance(row, dict) for row in rows):
        columns = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(result, columns)
    try:
        for index, row in enumerate(rows):
            table.check(row, f"result[{index}]: ")
            table.add(row)
    finally:
        table.close()


class Table:
    """Writes rows as they come. Objects give the header; keys that come later are columns after those before them."""

    def __init__(self, result=None, columns=None):
        self.result = result or harness.part("result").Result()
        self.kind = None if columns is None else dict  # of the rows
        self.columns = dict.fromkeys(columns or ())
        self.written = len(self.columns)  # how many the header has that is in the file
        self.early = 0  # objects without a key that came before there was a header
        self.lines = []
        self.size = 0
        self.writer = writer(self)
        if columns:
            self.writer.writerow(columns)

    def encoded(self, element):
        """A row to be added."""
        row = harness.part("forms").plain(element)
        self.check(row, "")
        return row

    def check(self, row, place):
        if self.kind is None and isinstance(row, (dict, list)):
            self.kind = type(row)
        if type(row) is not self.kind:
            raise harness.Complaint(f"{place}{WANTED}; this is {harness.part('forms').named(row)}")

    def add(self, row):
        if self.kind is list:
            self.writer.writerow(map(_cell, row))
            return
        if not row and not self.columns:
            self.early += 1
            return
        if not self.columns.keys() >= row.keys():
            self.columns.update(dict.fromkeys(row))
            if not self.written:
                self.writer.writerow(self.columns)
                self.written = len(self.columns)
                for _ in range(self.early):
                    self.writer.writerow([""] * self.written)
        self.writer.writerow([_cell(row.get(key)) for key in self.columns])

    def write(self, line):
        """For the writer, whose lines end with CR LF, so that it quotes a field with either of them."""
        self.lines.append(line[:-2])
        self.size += len(line)
        if self.size > PIECE:
            self._flush()

    def _flush(self):
        if self.lines:
            self.result.write(("\n".join(self.lines) + "\n").encode())
        self.lines.clear()
        self.size = 0

    def close(self):
        if not self.columns:
            for _ in range(self.early):
                self.writer.writerow([])
        self._flush()
        if len(self.columns) > self.written and self.result.file is not None:
            self._widen(self.result.file)
        self.result.close()

    def _widen(self, file):
        """Writes all again, by way of a copy in /tmp, with the columns that came after the first row."""
        from io import TextIOWrapper

        os = harness.os
        file.seek(0)
        with open(os.open("/tmp", os.O_TMPFILE | os.O_RDWR, 0o600), "w+b") as copy:
            for piece in iter(lambda: file.read(PIECE), b""):
                copy.write(piece)
            copy.seek(0)
            file.seek(0)
            file.truncate()
            field_size_limit(2**31 - 1)
            rows = reader(TextIOWrapper(copy, "utf-8", newline=""), strict=True)
            next(rows)
            self.writer.writerow(self.columns)
            for row in rows:
                self.writer.writerow(row + [""] * (len(self.columns) - len(row)))
        self._flush()


def _cell(value):
    if isinstance(value, str) or value is None:
        return value
    return harness.part("json").encode(value).decode()
