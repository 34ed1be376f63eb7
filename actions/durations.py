"""How long things took, as counts in slots of fixed width on a logarithmic scale. Floor 1, pure.

The first slot is below a millisecond; each of the others ends at the square root of two times where
it begins, and the last has no end. So few numbers give a quantile of millions within a fifth.
"""

import math
from collections.abc import Sequence

SLOT_COUNT = 56
_PER_DOUBLING = 2
_MILLISECOND = 0.001


def slot_of(seconds: float) -> int:
    """The slot in which a duration is counted."""
    milliseconds = seconds / _MILLISECOND
    if milliseconds < 1:
        return 0
    return min(SLOT_COUNT - 1, 1 + math.floor(_PER_DOUBLING * math.log2(milliseconds)))


def slot_in_sql(seconds: str) -> str:
    """The same of an SQL expression; null for null."""
    milliseconds = f"(({seconds}) / {_MILLISECOND})"
    return (
        f"CASE WHEN {milliseconds} < 1 THEN 0 WHEN {milliseconds} >= 1 THEN least({SLOT_COUNT - 1}, "
        f"1 + floor({_PER_DOUBLING} * ln({milliseconds}) / ln(2::float8)))::int END"
    )


def quantile(
    slots: Sequence[int], fraction: float, *, shortest: float, longest: float
) -> float | None:
    """The duration in seconds below which that fraction lies; None if none was counted.

    It is the geometric middle of a slot, within the shortest and the longest: at most 19 % more or
    16 % less than the true one, from a millisecond to 37 hours.
    """
    wanted, seen = fraction * sum(slots), 0
    for slot, count in enumerate(slots):
        seen += count
        if count and seen >= wanted:
            return min(max(_middle(slot), shortest), longest)
    return None


def _middle(slot: int) -> float:
    """The geometric middle of a slot; the first one begins at nothing, so it has its half."""
    return _MILLISECOND * (2 ** ((slot - 0.5) / _PER_DOUBLING) if slot else 0.5)
