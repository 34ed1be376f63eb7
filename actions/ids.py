"""Names for rows: time-ordered UUIDs (RFC 9562, version 7), shown with a prefix in TypeID form.

Floor 1, pure: values in, values out.
"""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

PREFIX_EXECUTION = "exec"
PREFIX_RUN = "run"
PREFIX_BULK = "bulk"
PREFIX_REQUEST = "req"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_DIGITS = {letter: value for value, letter in enumerate(_ALPHABET)}
_SUFFIX_LENGTH = 26
_UUID_BITS = 128


class _Clock:
    """Stamps of 60 bits, milliseconds and a fraction, each later than the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        nanoseconds = time.time_ns()
        stamp = (nanoseconds // 1_000_000 << 12) | ((nanoseconds % 1_000_000 << 12) // 1_000_000)
        with self._lock:
            self._last = max(stamp, self._last + 1)
            return self._last


_clock = _Clock()


def new_id() -> UUID:
    """Make a version 7 UUID that sorts after every one this process made before.

    The first 48 bits are milliseconds since 1970; the next 12 are a finer part of the same clock,
    so two ids of one process never tie and the order of ids is the order of making.
    """
    stamp = _clock.next()
    milliseconds, fraction = divmod(stamp, 1 << 12)
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | tail)


def first_at(moment: datetime) -> UUID:
    """The least id that can have been made then or later."""
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80)


def show(prefix: str, uuid: UUID) -> str:
    """Write an id for people and programs: `exec_` and 26 characters of Crockford's base 32."""
    number = uuid.int
    letters = [_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def parse(prefix: str, text: str) -> UUID:
    """Read an id written by `show`; raise ValueError naming what is wrong with it."""
    found, separator, suffix = text.rpartition("_")
    if not separator or found != prefix:
        raise ValueError(f"The id {text[:60]!r} does not begin with {prefix}_.")
    if len(suffix) != _SUFFIX_LENGTH or any(letter not in _DIGITS for letter in suffix):
        raise ValueError(
            f"The id {text[:60]!r} does not end in {_SUFFIX_LENGTH} characters of base 32."
        )
    number = 0
    for letter in suffix:
        number = (number << 5) | _DIGITS[letter]
    if number >> _UUID_BITS:
        raise ValueError(f"The id {text!r} is too large for a UUID.")
    return UUID(int=number)
