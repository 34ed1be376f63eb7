"""What is no result: values that cannot be kept, or not be kept so."""

import datetime as dt
import threading
from typing import NoReturn


class Unprintable:
    """Refuses to be shown in any way."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __repr__(self) -> str:
        raise RuntimeError("no representation")

    def __reduce__(self) -> NoReturn:
        raise RuntimeError("no pickle")


class Jumpy(dict):
    """A dict that raises when it is read."""

    def items(self) -> NoReturn:
        raise RuntimeError("no members")


class Leaver(dict):
    """A dict that ends the program when it is read."""

    def items(self) -> NoReturn:
        raise SystemExit(3)


def nested(depth: int) -> list[object]:
    """Lists in lists."""
    inside: list[object] = []
    for _ in range(depth):
        inside = [inside]
    return inside


def circle() -> list[object]:
    """A list that contains itself."""
    whole: list[object] = []
    whole.append(whole)
    return whole


RESULTS = {
    "a lock": threading.Lock,
    "a function": lambda: nested,
    "a generator": lambda: (number for number in range(3)),
    "fifty megabytes": lambda: "x" * 50_000_000,
    "NaN": lambda: float("nan"),
    "a circle": circle,
    "bytes": lambda: b"abc",
    "a time": lambda: dt.datetime.now(dt.UTC),
    "a huge integer": lambda: 10**5000,
    "a lone surrogate": lambda: "\ud800",
    "a NUL": lambda: "a\x00b",
    "deep lists": lambda: nested(100_000),
    "a set": lambda: {1, 2},
    "an unprintable object": Unprintable,
    "an unprintable name": lambda: {Unprintable(): 1},
    "a dict that raises": lambda: Jumpy(a=1),
    "a dict that exits": lambda: Leaver(a=1),
}

POISONS = {
    f"result: {name}": lambda _ctx, _note, make=make: make() for name, make in RESULTS.items()
}
