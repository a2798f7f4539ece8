"""The way `statement`: the file is the body of an async function, which ends with `return items`.

The function is made of the file's syntax tree, not of its text, so that lines and columns stay the file's own.
"""

import sys
from _ast import PyCF_ONLY_AST, AST, Constant, Expr, Import, ImportFrom, Return

SUPPLIED = ("INPUT_DATA", "DATA_CHECKPOINT", "sleep", "log")
WANTED = "a statement ends with 'return items', a list of objects"
IS_GENERATOR = 0x200  # CO_ASYNC_GENERATOR


def load():
    script = harness.script
    tree = script.compile(PyCF_ONLY_AST)
    needs_loop = _needs_loop(tree, script.source)
    last = tree.body[-1] if tree.body else None
    script.namespace.update(
        DATA_CHECKPOINT=_checkpoint(),
        sleep=harness.part("loop" if needs_loop else "driver").sleep,
        log=harness.helper().log)
    function = _function(tree)
    script.line = last.lineno if isinstance(last, Return) else None
    if any(word in script.source for word in (b"async", b"sleep", b"import")):
        harness.part("forgotten").watch()
    return Statement(function, needs_loop)


class Statement:
    """The body as a function; what it assigns of the supplied names are its parameters."""

    def __init__(self, function, needs_loop):
        self.function = function
        self.parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
        self.namespace = function.__globals__
        self.needs_loop = needs_loop

    def bulk(self, value):
        data = value if isinstance(value, list) else [] if value is None else [value]
        return self.elements(self.finish(self._started(data)))

    def call(self, item):
        return self._started([item])

    def _started(self, data):
        self.namespace["INPUT_DATA"] = data
        return self.function(*[self.namespace[name] for name in self.parameters])

    def finish(self, coroutine):
        return harness.part("loop" if self.needs_loop else "driver").finish(coroutine)

    def elements(self, returned):
        """The returned items, checked."""
        if "forgotten" in harness.parts:
            harness.part("forgotten").check()
        if harness.is_frame(returned):
            returned = harness.part("columns").converted(returned)
        if not isinstance(returned, list):
            raise harness.Complaint(f"{WANTED}; this one returned {_told(returned)}")
        if not set(map(type, returned)) <= {dict}:
            for index, item in enumerate(returned):
                if not _is_object(item):
                    raise harness.Complaint(f"{WANTED}; item {index} is {_told(item)}")
        return returned


def _told(value):
    if value is None:
        return "None"
    forms = harness.part("forms")
    return f"{forms.shown(value)} ({forms.named(value)})"


def _is_object(item):
    if isinstance(item, dict) or hasattr(type(item), "__dataclass_fields__"):
        return True
    return isinstance(item, sys.modules["_collections_abc"].Mapping)


def _checkpoint():
    if harness.CHECKPOINT is None:
        return None
    json = harness.part("json")
    try:
        return json.decode(harness.CHECKPOINT)
    except json.NotJSON as error:
        raise harness.Complaint(f"the checkpoint is {error}")


def _function(tree):
    head = _before_body(tree)
    body = tree.body[head:]
    made = _compiled(tree, head, body, ())
    # A name that is assigned in a function is its own there: reading it before would fail. So it becomes a parameter.
    names = made.__code__.co_varnames + made.__code__.co_cellvars
    assigned = [name for name in SUPPLIED if name in names]
    if assigned:
        made = _compiled(tree, head, body, assigned)
    if made.__code__.co_flags & IS_GENERATOR:
        raise harness.Complaint(f"{WANTED}; 'yield' cannot be used outside of its functions")
    return made


def _compiled(tree, head, body, parameters):
    path, namespace = harness.script.path, harness.script.namespace
    text = f"async def statement({', '.join(parameters)}): pass"
    function = compile(text, path, "exec", PyCF_ONLY_AST, dont_inherit=True).body[0]
    if body:
        function.body = body
    tree.body[head:] = [function]
    exec(compile(tree, path, "exec", dont_inherit=True), namespace)
    return namespace.pop("statement")


def _before_body(tree):
    """How many statements stay outside of the function: a docstring, and `from __future__`, which must be at the top."""
    count = 0
    for node in tree.body:
        is_text = count == 0 and isinstance(node, Expr) and isinstance(node.value, Constant) \
            and isinstance(node.value.value, str)
        if not is_text and not (isinstance(node, ImportFrom) and node.module == "__future__"):
            break
        count += 1
    return count


def _needs_loop(tree, source):
    """Whether asyncio, whose import takes 30 ms, may be wanted.

    Code that imports nothing, or from the standard library only and not asyncio, can await nothing but its own
    coroutines and `sleep`.
    """
    if b"import" not in source:
        return False
    if b"asyncio" in source or b"__import__" in source or b"importlib" in source:
        return True
    harmless = getattr(sys, "stdlib_module_names", ())
    return any(name.partition(".")[0] not in harmless for name in _imported(tree))


def _imported(tree):
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ImportFrom):
            yield node.module if node.module and not node.level else ""
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, AST)]
