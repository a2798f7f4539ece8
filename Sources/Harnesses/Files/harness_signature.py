"""Whether a `main` that is no plain function (a class, a partial, an object with __call__) takes one argument."""


def check(main):
    try:
        import inspect

        signature = inspect.signature(main, follow_wrapped=False)
    except (ImportError, ValueError, TypeError, AttributeError):  # calling it will tell
        return
    try:
        signature.bind(None)
    except TypeError as error:
        raise harness.Complaint(f"main{signature} cannot be called with one argument: {error}; wanted: def main(input)")
