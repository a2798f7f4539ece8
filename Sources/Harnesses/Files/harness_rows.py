"""The mode `rows`: one call for each item of the input; what the calls return is joined, in order."""

SHOWN = 20  # tracebacks


def run(function, plan):
    source = plan.get("input")
    if source is None:
        raise harness.Complaint("there is no input; 'mode: rows' calls once for each item of a list")
    rows = Rows(function, plan)
    # One coroutine for all rows, so that an async main has one event loop. Where there is none to await, it never stops.
    harness.part("loop" if function.needs_loop else "driver").finish(rows.closed_after(rows.over(source)))
    rows.judge()


class Rows:
    def __init__(self, function, plan):
        self.function = function
        self.goes_on = plan.get("on_row_error") == "continue"
        self.column = (plan.get("checkpoint") or {}).get("column")
        is_csv = (plan.get("result") or {}).get("format") == "csv"
        self.output = harness.part("csv").Table() if is_csv else _List()
        self.total = self.failed = 0
        self.last = None  # the last element
        self.first_failure = None

    async def over(self, source):
        call, elements, encoded, add = self.function.call, self.function.elements, self.output.encoded, self.output.add
        for item in harness.part("rowfiles").rows(source):
            try:
                returned = call(item)
                if hasattr(type(returned), "__await__"):
                    returned = await returned if self.function.needs_loop else self.function.finish(returned)
                kept = elements(returned)
                made = [encoded(element) for element in kept]
            except Exception as error:
                made = None
                self._note(error)
            self.total += 1
            # A child that the script forked and that comes back would read on in the same file, and take from this one.
            if self.failed and not self.goes_on or not harness.is_first_process():
                return
            if made:
                self.last = kept[-1]
                for element in made:
                    add(element)

    async def closed_after(self, work):
        """Closes the result and tells the counts however it ends: by sys.exit, or a bad line of the input."""
        try:
            await work
        finally:
            self.output.close()
            if harness.is_first_process():
                harness.helper()._send(type="rows", total=self.total, failed=self.failed)

    def _note(self, error):
        failure = harness.part("failure")
        self.failed += 1
        if self.first_failure is None:
            self.first_failure = told_of(error, self.total)
        if self.failed > SHOWN:
            if self.failed == SHOWN + 1:
                failure.write_error(f"tracebacks of the first {SHOWN} failed rows are above; more are not shown\n")
            return
        if not isinstance(error, harness.Complaint):
            failure.print_traceback(error)
        if self.goes_on:
            failure.write_error(f"{told_of(error, self.total)}\n")

    def judge(self):
        if self.first_failure is not None:
            counts = f"{self.failed} of {self.total} rows failed; first: " if self.goes_on else ""
            raise harness.Complaint(counts + self.first_failure, "")
        if self.column is not None and self.last is not None:
            harness.part("checkpoint").send_last([self.last], self.column)


def told_of(error, row):
    failure = harness.part("failure")
    return failure.one_line(failure.reason(error, row))


class _List:
    """A JSON list, an element a line, written as it comes."""

    PIECE = 1 << 16  # bytes

    def __init__(self):
        self.encoded = harness.part("json").encode
        self.result = harness.part("result").Result()
        self.waiting = []
        self.size = 0
        self.before = b"[\n"

    def add(self, element):
        self.waiting.append(self.before)
        self.waiting.append(element)
        self.before = b",\n"
        self.size += len(element)
        if self.size > self.PIECE:
            self._flush()

    def _flush(self):
        self.result.write(b"".join(self.waiting))
        self.waiting.clear()
        self.size = 0

    def close(self):
        self.waiting.append(b"[]\n" if self.before == b"[\n" else b"\n]\n")
        self._flush()
        self.result.close()
