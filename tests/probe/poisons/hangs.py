"""Deeds that never come to an end."""

import asyncio
import contextlib
import ctypes
import itertools
import os
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

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


def said(note: str) -> int:
    """How many bodies have said that they wait for the gate."""
    file = Path(f"{note}.beside")
    return len(file.read_text().splitlines()) if file.exists() else 0


def say(note: str) -> None:
    """Say that one waits for the gate."""
    with Path(f"{note}.beside").open("a") as file:
        file.write("one\n")


def wait_at_the_gate(ctx: Context, note: str) -> None:
    """Be under way until the gate's file is there."""
    say(note)
    while not Path(f"{note}.gate").exists():
        threading.Event().wait(0.02)


async def wait_at_the_gate_beside(ctx: Context, note: str) -> None:
    """The same as a coroutine."""
    say(note)
    while not Path(f"{note}.gate").exists():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.02)


def exits_beside(others: int) -> Callable[[Context, str], None]:
    """End the worker once so many others wait in it, or have been waited for long enough."""

    def leave(ctx: Context, note: str) -> None:
        until = time.monotonic() + 2
        while said(note) < others * ctx.attempt and time.monotonic() < until:
            threading.Event().wait(0.02)
        os._exit(3)

    return leave


def exits_among(others: int) -> Callable[[Context, str], Awaitable[None]]:
    """The same as a coroutine, which lets the others begin."""

    async def leave(ctx: Context, note: str) -> None:
        until = time.monotonic() + 2
        while said(note) < others * ctx.attempt and time.monotonic() < until:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.02)
        os._exit(3)

    return leave


def exits_in_either_lane(others: int) -> Callable[[Context, str], object]:
    """End the worker beside others, from whatever lane."""

    def leave(ctx: Context, note: str) -> object:
        in_loop = threading.current_thread() is not threading.main_thread()
        return (exits_among if in_loop else exits_beside)(others)(ctx, note)

    return leave


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
    "rests": lambda _ctx, _note: not threading.Event().wait(1.2),
    "waits": wait_at_the_gate,
    "waits beside": wait_at_the_gate_beside,
    "exit beside others": exits_in_either_lane(3),
    "exit beside another": exits_in_either_lane(1),
    "endless wait": wait_beside,
    "stubborn wait": wait_stubbornly,
}
