"""The result file: opened when there is a result, for the script may have closed what was open before."""

FILE_TOO_LARGE = 27  # EFBIG


class Result:
    """Writes bytes to the result file. A child that the script forked writes none."""

    def __init__(self):
        self.file = None
        if not harness.is_first_process():
            return
        if not harness.RESULT:
            raise harness.Complaint("BOBBIN_RESULT is not set: there is no place for the result")
        self.file = self._tried(_opened, harness.RESULT)

    def write(self, data):
        if self.file is not None and harness.is_first_process():
            data = memoryview(data)
            while data:
                data = data[self._tried(self.file.write, data):]

    def close(self):
        if self.file is not None:
            self._tried(self.file.close)

    def _tried(self, action, *arguments):
        try:
            return action(*arguments)
        except OSError as error:
            if error.errno == FILE_TOO_LARGE:
                _die_of_size()
            raise harness.Complaint(f"the result cannot be written: {error.strerror}")


def _opened(path):
    file = open(path, "w+b", 0)
    if file.fileno() > 2:
        return file
    # The script closed its stdout, say; what it prints nevertheless must not come here.
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    with file:
        return open(fcntl(file.fileno(), F_DUPFD_CLOEXEC, 3), "w+b", 0)


def _die_of_size():
    """Over the limit for a file: as every other program, by the signal that Python ignores."""
    import _signal

    _signal.signal(_signal.SIGXFSZ, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGXFSZ])
    harness.os.kill(harness.FIRST_PROCESS, _signal.SIGXFSZ)


def deliver(value, plan):
    """Writes the one result of a run, and sends the checkpoint that the manifest wants of it."""
    column = (plan.get("checkpoint") or {}).get("column")
    if (plan.get("result") or {}).get("format") == "csv":
        harness.part("csv").deliver(value, Result())
    else:
        data = harness.part("json").encode(value)
        result = Result()
        result.write(data)
        result.write(b"\n")
        result.close()
    if column is not None:
        harness.part("checkpoint").send_last(value, column)
