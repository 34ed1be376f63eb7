"""Moments as text, of any year that every zone and the database can hold.

Floor 1, pure.
"""

from datetime import UTC, datetime

_FIRST, _LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)


def read(text: str, *, is_local: bool = False) -> datetime:
    """The moment of an ISO 8601 text; one without a zone is UTC, or stays bare if it `is_local`.

    Raises ValueError, also within two days of the years 1 and 10000: elsewhere it is that already.
    """
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        is_held = _FIRST <= aware <= _LAST
    except OverflowError:
        is_held = False
    if not is_held:
        raise ValueError(f"{text[:60]!r} is too near the years 1 or 10000.")
    return moment if is_local else aware
