"""Exceptions that are hard to write down."""

import asyncio
from typing import NoReturn

from actions import Context

NO_TEXT = 42


class Mute(Exception):
    """Its message cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no message")

    __repr__ = __str__


class Number(Exception):
    """Its message is no text."""

    def __str__(self) -> str:
        return NO_TEXT


class Leaving(Exception):
    """Asked for its message, it ends the program."""

    def __str__(self) -> str:
        raise SystemExit(3)


class Fragile:
    """Raises where nobody can catch it."""

    def __del__(self) -> None:
        raise ValueError("raised while it was collected")


LONG = type("E" * 10_000, (Exception,), {})


def deep(depth: int) -> None:
    """Fail far down, each frame with a line of its own."""
    if depth == 0:
        raise ValueError("x" * 10_000_000)
    deep(depth - 1)


def recurse(ctx: Context, note: str) -> None:
    """Call oneself for ever."""
    recurse(ctx, note)


def cyclic(ctx: Context, note: str) -> NoReturn:
    """Be the cause of one's own cause."""
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def group(depth: int) -> ExceptionGroup[Exception]:
    """Groups in a group."""
    inner: Exception = ValueError("inner")
    for _ in range(depth):
        inner = ExceptionGroup("several", [inner, ValueError("\x00")])
    return ExceptionGroup("all", [inner])


def fragile(ctx: Context, note: str) -> NoReturn:
    """Fail with something in hand that fails when it is dropped."""
    kept = Fragile()
    raise ValueError(f"dropping {type(kept).__name__}")


def raising(error: BaseException | type[BaseException]):
    """A deed that raises just that."""

    def fail(ctx: Context, note: str) -> NoReturn:
        raise error

    return fail


POISONS = {
    "error: mute": raising(Mute),
    "error: number for a message": raising(Number),
    "error: exits when asked": raising(Leaving),
    "error: NUL": raising(ValueError("a\x00b\ud800")),
    "error: ten megabytes": lambda _ctx, _note: deep(300),
    "error: endless recursion": recurse,
    "error: group": raising(group(30)),
    "error: cycle": cyclic,
    "error: long name": raising(LONG),
    "error: in a finaliser": fragile,
    "error: KeyboardInterrupt": raising(KeyboardInterrupt),
    "error: GeneratorExit": raising(GeneratorExit),
    "error: SystemExit": raising(SystemExit(0)),
    "error: CancelledError": raising(asyncio.CancelledError),
    "error: StopIteration": raising(StopIteration),
    "error: TimeoutError": raising(TimeoutError("its own")),
}
