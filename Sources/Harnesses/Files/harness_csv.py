"""A result as CSV: quoted as RFC 4180 says, lines end with a newline alone, UTF-8 without a BOM."""

from _csv import reader, writer

PIECE = 1 << 16  # characters


def deliver(value, result):
    """A data frame, a list of objects or a list of lists."""
    columns = None
    if type(value).__name__ == "DataFrame":
        columns = harness.part("columns").names(value)
    rows = harness.part("forms").plain(value)
    if not isinstance(rows, list):
        raise harness.Complaint("a result with 'format: csv' is a data frame, a list of objects or a list of lists")
    if columns is None and rows and all(isinstance(row, dict) for row in rows):
        columns = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(result, columns)
    try:
        for index, row in enumerate(rows):
            table.index = index
            table.add(row)
    finally:
        table.close()


class Table:
    """Writes rows as they come. Objects give the header; keys that come later are columns after those before them."""

    def __init__(self, result=None, columns=None):
        self.result = result or harness.part("result").Result()
        self.columns = None
        self.written = 0  # columns in the header that is in the file
        self.index = 0
        self.lines = []
        self.size = 0
        self.writer = writer(self)
        self.encoded = harness.part("forms").plain
        if columns is not None:
            self._begin(columns)

    def _begin(self, columns):
        self.columns = dict.fromkeys(columns)
        self.written = len(self.columns)
        if columns:
            self.writer.writerow(columns)

    def add(self, row):
        if isinstance(row, dict):
            if self.columns is None and self.index == 0:
                self._begin(list(row))
            if self.columns is not None:
                self.columns.update(dict.fromkeys(row))
                self.writer.writerow([_cell(row.get(key)) for key in self.columns])
                self.index += 1
                return
        elif isinstance(row, list) and self.columns is None:
            self.writer.writerow(list(map(_cell, row)))
            self.index += 1
            return
        wanted = "an object" if self.columns is not None else "a list"
        raise harness.Complaint(f"result[{self.index}]: for CSV every row is {wanted}, as the first one")

    def write(self, line):
        """For the writer, whose lines end with CR LF: so it quotes a field with either of them."""
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
        self._flush()
        if self.columns is not None and len(self.columns) > self.written:
            self._widen()
        self.result.close()

    def _widen(self):
        """Writes all again, by way of a copy, with the columns that came after the first row."""
        from io import TextIOWrapper
        from shutil import copyfileobj
        from tempfile import TemporaryFile

        file, width = self.result.file, len(self.columns)
        if file is None:
            return
        with TemporaryFile() as copy:
            file.seek(0)
            copyfileobj(file, copy)
            copy.seek(0)
            file.seek(0)
            file.truncate()
            rows = reader(TextIOWrapper(copy, "utf-8", newline=""), strict=True)
            next(rows)
            self.writer.writerow(list(self.columns))
            for row in rows:
                self.writer.writerow(row + [""] * (width - len(row)))
        self._flush()


def _cell(value):
    if isinstance(value, str) or value is None:
        return value
    return harness.part("json").encode(value).decode()
