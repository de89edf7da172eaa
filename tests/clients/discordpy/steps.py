"""Steps that are played in order, a line for each."""

import asyncio
import time
import traceback

STEP_LIMIT = 15

_steps = []


def step(play):
    """Makes a coroutine function a step, named as the function is."""
    _steps.append((play.__name__.replace("_", " "), play))
    return play


async def _passes(name, play):
    try:
        await asyncio.wait_for(play(), STEP_LIMIT)
    except Exception as error:
        # A bare assertion says nothing but where it stands.
        here = [it for it in traceback.extract_tb(error.__traceback__) if it.filename == play.__code__.co_filename]
        print(f"FAIL  {name}\n      line {here[-1].lineno}: {here[-1].line}\n      {error!r}", flush=True)
        return False
    print(f"ok    {name}", flush=True)
    return True


async def play_all(versions):
    """Plays every step; a failed one is told, and the next goes on. Answers whether all passed."""
    begun = time.monotonic()
    passed = []
    for name, play in _steps:
        passed.append(await _passes(name, play))
        # Without the login, nothing else can be tried.
        if not passed[0]:
            break
    failed = passed.count(False)
    verdict = f"{failed} FAILED" if failed else "all passed"
    print(f"{versions}: {len(passed)} steps, {verdict} in {time.monotonic() - begun:.1f} s")
    return not failed
