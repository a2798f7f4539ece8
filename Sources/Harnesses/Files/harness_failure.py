"""How a run that failed is told: the traceback on stderr, and in one line as the failure event."""

import sys

LONGEST_REASON = 500


def report(error):
    """Prints `error` as Python would, sends the reason, and returns what to give to sys.exit."""
    if isinstance(error, harness.Complaint):
        return _complain(error)
    if isinstance(error, SystemExit):
        return _leave(error)
    print_traceback(error)
    send(reason(error))
    if isinstance(error, KeyboardInterrupt):
        # Python ends itself by SIGINT when one is left over, after everything else; what it would print has been printed.
        sys.excepthook = lambda *_: None
        raise error.with_traceback(None)
    return 1


def _complain(complaint):
    text = reason(complaint)
    write_error(text + "\n")
    send(text)
    return 1


def _leave(exit):
    code = exit.code
    if code is None or (isinstance(code, int) and code & 255 == 0):
        return code
    path, line = innermost(exit)
    text = f"exit code {code & 255}" if isinstance(code, int) else f"SystemExit: {_message(code)}"
    send(f"{located(path, line)}{text}")
    return code


def send(reason):
    """The failure event; not from a child that the script forked."""
    if harness.is_first_process():
        harness.helper()._send(type="failure", reason=one_line(reason))


def one_line(text):
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def reason(error, row=None):
    """`FILE:LINE: TYPE: message`, where FILE is the innermost of the bundle's own."""
    try:
        text = described(error)
    except Exception:
        text = "an exception that cannot be told"
    first = _first_of_group(error)
    if first is not None:
        text += f"; first: {located(*innermost(first))}{described(first)}"
    if row is not None:
        text = f"row {row}: {text}"
    return f"{located(*innermost(error))}{text}"


def described(error):
    if isinstance(error, harness.Complaint):
        return _message(error)
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__", "__bobbin__"):
        name = f"{kind.__module__}.{name}"
    message = error.msg if isinstance(error, SyntaxError) and error.msg else _message(error)
    return f"{name}: {message}" if message else name


def _message(value):
    try:
        return str(value)
    except BaseException:
        return f"<{type(value).__name__} whose str() fails>"


def _first_of_group(error):
    members = getattr(error, "exceptions", None)
    if type(members) is tuple and members and isinstance(members[0], BaseException):
        return members[0]
    return None


def located(path, line):
    if not path:
        return ""
    return f"{relative(path)}:{line}: " if line else f"{relative(path)}: "


def relative(path):
    inside = harness.ROOT.rstrip("/") + "/"
    return path[len(inside):] if path.startswith(inside) else path


def innermost(error):
    """Path and line of the innermost frame in the bundle's own code; the entry, and no line, if there is none."""
    if isinstance(error, harness.Complaint):
        return (error.path, error.line) if error.path is not None else _entry(harness.script and harness.script.line)
    if isinstance(error, SyntaxError) and error.filename and _is_own(error.filename):
        return _absolute(error.filename), error.lineno or undecodable_line(error.filename)
    place = _entry(None)
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if _is_own(name):
            place = _absolute(name), step.tb_lineno
        step = step.tb_next
    return place


def _entry(line):
    return (harness.script.path, line) if harness.script else (None, None)


def _absolute(path):
    return path if path.startswith("/") else f"{harness.ROOT}/{path}"


def _is_own(path):
    """Whether it is a file of the bundle; <string> and <frozen…> are none."""
    return not path.startswith("<") and _absolute(path).startswith(harness.ROOT.rstrip("/") + "/")


def undecodable_line(path):
    """The line of the first byte that is not UTF-8, where Python tells only an offset."""
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                line.decode()
    except ValueError:
        return number
    except OSError:
        pass
    return None


def print_traceback(error):
    """As Python does at its end, by the script's own sys.excepthook if it has one, without frames of the harness."""
    take_out_own_frames(error)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
        return
    except BaseException:
        pass
    try:
        sys.__excepthook__(type(error), error, error.__traceback__)
    except BaseException:
        write_error(f"{described(error)}\n")


def take_out_own_frames(error):
    """From the tracebacks of an exception, its causes and its group's members."""
    seen = set()
    waiting = [error]
    while waiting:
        error = waiting.pop()
        if not isinstance(error, BaseException) or id(error) in seen:
            continue
        seen.add(id(error))
        # Not by assignment, which an exception may have forbidden (a frozen dataclass has).
        BaseException.with_traceback(error, _without_own_frames(error.__traceback__))
        waiting += [error.__cause__, error.__context__]
        members = getattr(error, "exceptions", None)
        if type(members) is tuple:
            waiting += members


def _without_own_frames(step):
    while step is not None and is_harness(step):
        step = step.tb_next
    first = step
    while step is not None:
        following = step.tb_next
        while following is not None and is_harness(following):
            following = following.tb_next
        step.tb_next = following
        step = following
    return first


def is_harness(step):
    return step.tb_frame.f_code.co_filename.startswith(f"{harness.HERE}/harness")


def write_error(text):
    """To the script's stderr, or to descriptor 2 if that has been closed or replaced by something broken."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BaseException:
        try:
            harness.os.write(2, text.encode("utf-8", "backslashreplace"))
        except OSError:
            pass
