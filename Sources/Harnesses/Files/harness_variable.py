"""The way `script`: the file runs as always; one global variable that it leaves may be the result."""


def run(plan):
    script = harness.script
    variable = (plan.get("result") or {}).get("variable")
    if variable is None:
        script.run()
        return
    leaving = None
    try:
        script.run()
    except SystemExit as error:  # `sys.exit(main())` is how many scripts end well
        if not (error.code is None or isinstance(error.code, int) and error.code & 255 == 0):
            raise
        leaving = error
    if variable not in script.namespace:
        raise harness.Complaint(f"the script left no variable '{variable}' for the result; {_there(variable)}")
    harness.part("result").deliver(script.namespace[variable], plan)
    if leaving is not None:
        raise leaving


def _there(wanted):
    names = [
        name for name, value in harness.script.namespace.items()
        if not name.startswith("__") and type(value) is not type(harness) and not callable(value)]
    near = [name for name in names if name.lower() == wanted.lower()] or [
        name for name in names if _distance(name.lower(), wanted.lower()) <= max(1, len(wanted) // 3)]
    if near:
        return f"did you mean '{near[0]}'?"
    if not names:
        return "it left none"
    more = ", …" if len(names) > 10 else ""
    return f"it left {', '.join(names[:10])}{more}"


def _distance(a, b):
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return row[-1]
