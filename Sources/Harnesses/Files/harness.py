"""Runs a bundle's Python entry in the way its manifest asks for, and hands over what it returns.

Started as `python3 harness.py ENTRY ARGS...` in the bundle's root. $BOBBIN_HARNESS, one JSON object, says how; $BOBBIN_RESULT
is the file for the result; $BOBBIN_EVENTS is where the failure's reason goes.

It shares a process with a script that may be clumsy, so it takes what it needs before the script runs, and imports from the
standard library only what Python has loaded by itself or what is written in C: a bundle may have a json.py of its own.
Nothing is cached as .pyc (the directory is read-only), so each line costs about 10 µs at every start: what is rarely needed
lies in harness_*.py beside this file and is compiled when it is.
"""

import os
import sys

# Functions look names up in their module's __builtins__: these stay, whatever the script makes of `builtins`.
BUILTINS = sys.modules["builtins"]
__builtins__ = vars(BUILTINS).copy()

SELF = sys.modules[__name__]
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.getcwd()
FIRST_PROCESS = os.getpid()
RESULT = os.environ.get("BOBBIN_RESULT")
EVENTS = os.environ.get("BOBBIN_EVENTS")
CHECKPOINT = os.environ.get("BOBBIN_CHECKPOINT")

parts = {}
script = None  # once it is known


class Complaint(Exception):
    """What the author of the bundle can mend, told in one line, without a traceback: `FILE:LINE: text`.

    Without a path it is about the entry, and the function in it that was called; with an empty one, about no file.
    """

    def __init__(self, text, path=None, line=None):
        super().__init__(text)
        self.text, self.path, self.line = text, path, line


def part(name):
    """The module in harness_NAME.py; it is in no `sys.modules` and knows this one as `harness`."""
    return parts.get(name) or load_part(name, f"{HERE}/harness_{name}.py")


def load_part(name, path):
    module = type(SELF)(name)
    module.__file__ = path
    module.__builtins__ = __builtins__
    module.harness = SELF
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec", dont_inherit=True), vars(module))
    parts[name] = module
    return module


def helper():
    """The helper module of scripts, a copy for the harness: a bundle may have a bobbin.py of its own.

    Asked for before the script runs, or when it is over: `os`, which this needs, wants its builtins back.
    """
    if "bobbin" not in parts:
        vars(BUILTINS).update({**__builtins__, "__import__": BUILTINS.__import__})  # that one may be harness_imports.py's
        path = f"{HERE}/python/bobbin.py"
        load_part("bobbin", path if os.path.exists(path) else f"{HERE}/bobbin.py")._path = EVENTS
    return parts["bobbin"]


class Script:
    """The entry: its source, and the module that its code runs in. `line` is that of the function to call, once known."""

    def __init__(self, entry, name):
        self.path = os.path.normpath(os.path.join(ROOT, entry))
        self.line = None
        self.module = type(SELF)(name)
        self.namespace = vars(self.module)
        self.namespace.update(__file__=self.path, __builtins__=BUILTINS, __cached__=None)
        loader = sys.modules["_frozen_importlib_external"].SourceFileLoader
        self.namespace["__loader__"] = loader(name, self.path)

    def compile(self, flags=0):
        try:
            with open(self.path, "rb") as file:
                self.source = file.read()
        except OSError as error:
            raise Complaint(f"the entry cannot be read: {error.strerror}")
        try:
            return compile(self.source, self.path, "exec", flags, dont_inherit=True)
        except SyntaxError:
            raise
        except (ValueError, MemoryError, RecursionError) as error:  # a NUL byte; nested too deeply
            raise Complaint(f"cannot be compiled: {error}")

    def enter(self):
        """Makes this the program, as if Python itself had been started with it."""
        sys.argv[:] = sys.argv[1:]
        if not getattr(sys.flags, "safe_path", False):
            sys.path[0] = os.path.dirname(os.path.realpath(self.path))
        # Under both names, for pickle and dataclasses look a module up by its __name__.
        sys.modules["__main__"] = sys.modules[self.module.__name__] = self.module

    def run(self):
        exec(self.compile(), self.namespace)


def is_frame(value):
    """Whether it is a pandas data frame; nobody has one who has not imported pandas."""
    return isinstance(value, getattr(sys.modules.get("pandas"), "DataFrame", ()))


def is_first_process():
    """Whether this is not a child that the script forked, which came back here by returning."""
    return os.getpid() == FIRST_PROCESS


def run(plan):
    global script
    call = plan.get("call", "script")
    script = Script(sys.argv[1], "__main__" if call == "script" else "__bobbin__")
    script.enter()
    if plan.get("imports") is not None:
        part("imports").guard(plan["imports"])
    if call == "script":
        part("variable").run(plan)
    elif plan.get("mode") == "rows":
        part("rows").run(part(call).load(), plan)
    else:
        function = part(call).load()
        part("result").deliver(function.bulk(part("input").whole(plan.get("input"))), plan)


def main():
    """Runs the script; returns the exit code."""
    try:
        run(part("json").decode(os.environ.pop("BOBBIN_HARNESS")))
    except BaseException as error:
        return part("failure").report(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
