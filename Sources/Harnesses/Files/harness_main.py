"""The way `main`: the file defines `main(input)`."""

WANTED = "wanted: def main(input)"
TAKES_ANY = 0x04  # CO_VARARGS
IS_ASYNC = 0x80  # CO_COROUTINE


def load():
    harness.script.run()
    main = _found()
    code = getattr(main, "__code__", None)
    if code is not None and code.co_filename == harness.script.path:
        harness.script.line = code.co_firstlineno
    _check(main, code)
    return Main(main, bool(code and code.co_flags & IS_ASYNC))


class Main:
    """A checked `main`."""

    def __init__(self, function, is_async):
        self.call = function
        self.needs_loop = is_async

    def bulk(self, value):
        returned = self.call(value)
        return self.finish(returned) if hasattr(type(returned), "__await__") else returned

    def finish(self, awaitable):
        return harness.part("loop").finish(awaitable)

    def elements(self, returned):
        """What one row adds to the result."""
        return (returned,)


def _found():
    namespace = harness.script.namespace
    if "main" in namespace:
        main = namespace["main"]
        if not callable(main):
            raise harness.Complaint(f"'main' is no function but of type {type(main).__qualname__}; {WANTED}")
        return main
    functions = [
        name for name, value in namespace.items()
        if callable(value) and getattr(value, "__module__", None) == "__bobbin__"]
    there = f"; it defines {', '.join(functions[:8])}" if functions else ""
    raise harness.Complaint(f"there is no 'main'; {WANTED}{there}")


def _check(main, code):
    """That it can be called with one argument; before it is."""
    if type(main) is not type(_check):
        harness.part("signature").check(main)
        return
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
