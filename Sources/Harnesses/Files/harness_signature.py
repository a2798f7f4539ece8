"""Whether `main`, if it is not simply a function of one argument, can be called with one; and if not, what is wrong."""

WANTED = "wanted: def main(input)"
TAKES_ANY = 0x04  # CO_VARARGS


def check(main):
    if "main" not in harness.script.namespace:
        raise harness.Complaint(f"there is no 'main'; {WANTED}{_there()}")
    if not callable(main):
        raise harness.Complaint(f"'main' is no function but of type {type(main).__qualname__}; {WANTED}")
    if type(main) is type(check):
        _check_function(main, main.__code__)
    else:
        _check_other(main)


def _there():
    functions = [
        name for name, value in harness.script.namespace.items()
        if callable(value) and getattr(value, "__module__", None) == "__bobbin__"]
    there = f"; it defines {', '.join(functions[:8])}" if functions else ""
    if b"__main__" in harness.script.source:
        there += "; what stands under 'if __name__ == \"__main__\":' is not run, for __name__ is \"__bobbin__\""
    return there


def _check_function(main, code):
    needed = code.co_argcount - len(main.__defaults__ or ())
    names = code.co_varnames
    keywords = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    missing = [name for name in keywords if name not in (main.__kwdefaults__ or {})]
    if needed > 1:
        found = f"takes {needed} arguments ({', '.join(names[:needed])})"
    elif code.co_argcount == 0 and not code.co_flags & TAKES_ANY:
        found = "takes no argument"
    elif missing:
        found = f"cannot be called without {', '.join(missing)}"
    else:
        return
    raise harness.Complaint(f"main {found}; {WANTED}", code.co_filename, code.co_firstlineno)


def _check_other(main):
    """A class, a partial, an object with __call__."""
    try:
        import inspect

        signature = inspect.signature(main, follow_wrapped=False)
    except (ImportError, ValueError, TypeError, AttributeError):  # calling it will tell
        return
    try:
        signature.bind(None)
    except TypeError as error:
        raise harness.Complaint(f"main{signature} cannot be called with one argument: {error}; {WANTED}")
