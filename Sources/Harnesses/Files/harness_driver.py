"""Awaiting without an event loop, for code that awaits only its own coroutines and `sleep`."""

import time


class _Pause:
    def __init__(self, seconds):
        self.seconds = seconds

    def __await__(self):
        yield self


async def sleep(seconds):
    """`await sleep(seconds)`."""
    await _Pause(max(0.0, float(seconds)))


def finish(coroutine):
    """What it returns or raises."""
    try:
        while True:
            pause = coroutine.send(None)
            if type(pause) is _Pause:
                time.sleep(pause.seconds)
            else:
                coroutine.throw(RuntimeError(f"awaited something that needs asyncio ({type(pause).__name__}): import it"))
    except StopIteration as stop:
        return stop.value
