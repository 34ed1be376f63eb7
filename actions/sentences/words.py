"""Durations and counts as people say them.

Floor 1, pure.
"""

from datetime import timedelta

_TIMES = ("never", "once", "twice", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = (
    *("zeroth", "first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_UNITS = ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min"), (_MINUTE, "min", 1, "s"))
_TEENS = range(11, 14)


def duration(length: float | timedelta) -> str:
    """A duration, in seconds or as a timedelta, with the units that fit: `3 ms`, `6.1 s`,
    `1 min 2 s`, `3 h 5 min`, `2 d 4 h`. What is negative, as after a step of a clock, is `0 ms`."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    milliseconds = round(max(seconds, 0.0) * 1_000)
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    if milliseconds < _MINUTE * 1_000 - 50:
        return f"{milliseconds / 1_000:.1f} s"
    return _two_units(round(milliseconds / 1_000))


def times(count: int) -> str:
    """How often: `once`, `three times`, `12 times`."""
    if count >= len(_TIMES):
        return f"{count:,} times"
    return _TIMES[count] if count < 3 else f"{_TIMES[count]} times"


def ordinal(number: int) -> str:
    """Which one: `first`, `tenth`, `11th`, `22nd`."""
    if number < len(_ORDINALS):
        return _ORDINALS[number]
    is_teen = number % 100 in _TEENS
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _two_units(seconds: int) -> str:
    size, big, smaller, small = next(unit for unit in _UNITS if seconds >= unit[0])
    rest = seconds % size // smaller
    return f"{seconds // size} {big} {rest} {small}" if rest else f"{seconds // size} {big}"
