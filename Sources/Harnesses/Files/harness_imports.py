"""`imports: {allow: [...]}`: only the named modules may be imported by the bundle's own code.

`a` admits `import a` and `from a import x`, not `import a.b`, nor `from a import b` where b is a module in a package a. What
those modules import themselves is theirs. What is seen in the source is refused before anything runs, here; the rest
(`__import__`, `exec`) when it happens, for which `builtins.__import__` is replaced. It is a guard rail against surprises, no
wall: that is the sandbox.
"""

import builtins
import sys
from _ast import AST, Import, ImportFrom, PyCF_ONLY_AST
from os.path import dirname, exists, isdir

ALWAYS = {"bobbin", "__future__", "__main__", "__bobbin__"}

allowed = set()
listed = ""  # as the error says it
_found = {}  # top-level name: whether it is the bundle's own
_original = builtins.__import__


def guard(names):
    global listed
    allowed.update(ALWAYS, names)
    listed = ", ".join(names) or "none"
    _read_all()
    builtins.__import__ = _guarded
    if "importlib" in allowed:
        import importlib

        _watch(importlib)


def refusal(name):
    return f"'{name}' may not be imported here; allowed: {listed}"


def _may(name):
    return name in allowed or _is_own(name.partition(".")[0])


def _is_own(top):
    """Whether the module of that name comes from the bundle."""
    if top not in _found:
        module = sys.modules.get(top)
        spec = getattr(module, "__spec__", None) if module else _spec(top)
        places = list(getattr(spec, "submodule_search_locations", None) or ())
        if getattr(spec, "has_location", False):  # else it is "built-in" or "frozen"
            places.append(spec.origin)
        _found[top] = any(_is_inside(place) for place in places)
    return _found[top]


def _spec(top):
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(top, None) if find else None
        if spec is not None:
            return spec
    return None


def _is_inside(path):
    return not path.startswith("/") or path.startswith(harness.ROOT.rstrip("/") + "/")


# Before anything runs.


def _read_all():
    """Looks at the entry and at each file of the bundle that its imports reach."""
    script = harness.script
    waiting = [(script.path, script.compile(PyCF_ONLY_AST))]
    seen = {script.path}
    while waiting:
        path, tree = waiting.pop(0)
        for node in _imports(tree):
            for reached in _judged(node, path):
                if reached not in seen:
                    seen.add(reached)
                    parsed = _parsed(reached)
                    if parsed is not None:
                        waiting.append((reached, parsed))


def _imports(tree):
    found = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (Import, ImportFrom)):
            found.append(node)
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, AST)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _judged(node, path):
    """Refuses what it may not import; else the bundle's own files that it reaches."""
    if isinstance(node, Import):
        for alias in node.names:
            if not _may(alias.name):
                _refuse(alias.name, path, node)
        return [file for alias in node.names for file in _files(alias.name, _top_directory(alias.name))]
    if node.level:
        base = path
        for _ in range(node.level):
            base = dirname(base)
        return [file for alias in node.names for file in _files(f"{node.module or ''}.{alias.name}".strip("."), base)]
    for alias in node.names:
        if not _may(node.module) and f"{node.module}.{alias.name}" not in allowed:
            _refuse(node.module, path, node)
    base = _top_directory(node.module)
    return [file for alias in node.names for file in _files(f"{node.module}.{alias.name}", base)]


def _refuse(name, path, node):
    raise harness.Complaint(f"ImportError: {refusal(name)}", path, node.lineno)


def _top_directory(name):
    """Where the bundle's own module of that name lies; None if it is not the bundle's."""
    top = name.partition(".")[0]
    if not _is_own(top):
        return None
    spec = _spec(top)
    locations = getattr(spec, "submodule_search_locations", None)
    place = list(locations)[0] if locations else getattr(spec, "origin", None)
    return place and dirname(place)


def _files(name, directory):
    """The files that an import of a dotted name in a directory runs; its last step may be no module."""
    for step in name.split(".") if directory else ():
        if exists(f"{directory}/{step}.py"):
            yield f"{directory}/{step}.py"
            return
        directory = f"{directory}/{step}"
        if not isdir(directory):
            return
        if exists(f"{directory}/__init__.py"):
            yield f"{directory}/__init__.py"


def _parsed(path):
    """None if it cannot be read: importing it will tell, if it comes to that."""
    try:
        with open(path, "rb") as file:
            return compile(file.read(), path, "exec", PyCF_ONLY_AST, dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# While it runs.


def _guarded(name, globals=None, locals=None, fromlist=(), level=0):
    # C code that imports (time.strptime does) passes an empty list, and has the script's frame: that is the module's affair.
    is_from_c = type(fromlist) is list and not fromlist
    if level == 0 and not is_from_c and isinstance(name, str) and _is_own_code(sys._getframe(1)):
        _check(name, fromlist, globals, locals)
    return _original(name, globals, locals, fromlist, level)


def _check(name, fromlist, globals, locals):
    if not fromlist:
        if not _may(name):
            raise ImportError(refusal(name), name=name)
        return
    if _is_own(name.partition(".")[0]):
        return
    for item in fromlist:
        full = f"{name}.{item}"
        if full in allowed:
            continue
        if name not in allowed:
            raise ImportError(refusal(name), name=name)
        if item != "*" and _is_submodule(full, _original(name, globals, locals, ("__name__",), 0), item):
            raise ImportError(refusal(full), name=full)


def _is_submodule(full, module, item):
    if not isinstance(item, str):
        return False
    return full in sys.modules or (not hasattr(module, item) and hasattr(module, "__path__"))


def _is_own_code(frame):
    """Whether a file of the bundle runs in that frame, or called what was given to `exec`."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen"):
            return False
        if not name.startswith("<") and not name.startswith(f"{harness.HERE}/harness"):
            return _is_inside(name)
        frame = frame.f_back
    return False


def _watch(importlib):
    """importlib's own ways, which do not pass `builtins.__import__`."""
    import_module = importlib.import_module

    def guarded_import_module(name, package=None):
        if not str(name).startswith(".") and _is_own_code(sys._getframe(1)) and not _may(name):
            raise ImportError(refusal(name), name=name)
        return import_module(name, package)

    importlib.import_module = guarded_import_module
    importlib.__import__ = _guarded
