"""The way `main`: the file defines `main(input)`."""

IS_ASYNC = 0x80  # CO_COROUTINE


def load():
    script = harness.script
    script.run()
    function = script.namespace.get("main")
    code = getattr(function, "__code__", None)
    if code is not None and code.co_filename == script.path:
        script.line = code.co_firstlineno
    if type(function) is not type(load) or code.co_argcount != 1 or code.co_kwonlyargcount:
        harness.part("signature").check(function)
    return Main(function, bool(code and code.co_flags & IS_ASYNC))


class Main:
    """A `main` that takes one argument."""

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
