"""Deeds that never come to an end."""

import asyncio
import contextlib
import ctypes
import itertools
import threading
from collections.abc import Callable

from actions import Context

NEVER = 3600


def stubborn(deed: Callable[[], object]) -> Callable[[Context, str], None]:
    """Repeat a deed whatever interrupts it."""

    def go_on(ctx: Context, note: str) -> None:
        while True:
            with contextlib.suppress(BaseException):
                deed()

    return go_on


def spin() -> None:
    """Count for ever, in Python."""
    for _ in itertools.count():
        pass


def spin_in_c() -> None:
    """Count for ever without once letting the interpreter look at a signal or another thread."""
    sum(itertools.repeat(0))


def wait_in_c() -> None:
    """Wait in C, with the interpreter free for other threads."""
    ctypes.CDLL(None).pause()


def starve() -> None:
    """Wait for a thread that never lets go of the interpreter."""
    thread = threading.Thread(target=spin_in_c, daemon=True)
    thread.start()
    thread.join()


def block() -> None:
    """Wait for what never comes, with the whole thread."""
    threading.Event().wait(NEVER)


async def pause() -> None:
    """Let others go on for a moment."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.02)


async def wait_beside(ctx: Context, note: str) -> None:
    """Wait as a coroutine should."""
    await asyncio.Event().wait()


async def wait_stubbornly(ctx: Context, note: str) -> None:
    """Wait as a coroutine should not: whoever cancels it."""
    while True:
        with contextlib.suppress(BaseException):
            await asyncio.Event().wait()


POISONS = {
    "endless loop": lambda _ctx, _note: spin(),
    "stubborn loop": stubborn(spin),
    "loop in C": lambda _ctx, _note: spin_in_c(),
    "wait in C": lambda _ctx, _note: wait_in_c(),
    "stubborn wait in C": stubborn(wait_in_c),
    "thread in C": lambda _ctx, _note: starve(),
    "blocked thread": lambda _ctx, _note: block(),
    "endless wait": wait_beside,
    "stubborn wait": wait_stubbornly,
}
