"""Awaiting, with asyncio. Its import takes 30 ms, so this is for code that needs it."""


def finish(awaitable):
    """What `awaitable` returns or raises, with the traceback of its own frames alone."""
    import asyncio

    outcome = []

    async def drive():
        try:
            outcome.append(await awaitable)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            return error

    error = asyncio.run(drive())
    if error is not None:
        raise error
    return outcome[0]


async def sleep(seconds):
    """`await sleep(seconds)`, by asyncio."""
    import asyncio

    await asyncio.sleep(seconds)
