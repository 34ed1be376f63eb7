"""For whom an execution was: the one value of its params that people know it by.

Floor 1, pure.
"""

import re
from typing import Any

from actions.masking import MASK, is_reference, is_secret_name

MAX_LENGTH = 64

_ID = re.compile(r"[a-z0-9](?:Id|ID)$|[-_.](?:id|ID|Id)$")
# Ids that say how a request travelled, not what it was about.
_TECHNICAL = re.compile(r"^(?:request|trace|span|correlation|session|message|tenant|idempotency)")
_RANKS = (
    ("id", "uuid"),
    ("email", "mail", "address", "to", "recipient"),
    ("username", "login", "user", "customer", "account"),
    ("number", "reference", "ref", "code", "sku", "slug", "key"),
    ("name", "title", "subject", "label"),
    ("url", "uri", "path", "host", "file"),
)
_TECHNICAL_RANK = len(_RANKS) + 1


def subject_of(params: Any) -> str | None:
    """The value that best names what the params are about, or None: `usr_12345`, `ada@example.com`.

    An id of something (`userId`, `order_id`) comes first, then `id`, an address, a name; of equals
    the first. Looks one object deep if the top has nothing. Never a secret; give masked params.
    """
    if not isinstance(params, dict):
        return None
    inner = [member for member in params.values() if isinstance(member, dict)]
    return next(filter(None, map(_best, [params, *inner])), None)


def _best(members: dict[str, Any]) -> str | None:
    ranked = [
        (rank, shown)
        for name, value in members.items()
        if (rank := _rank(name)) is not None and (shown := _shown(name, value))
    ]
    return min(ranked, key=lambda found: found[0])[1] if ranked else None


def _rank(name: str) -> int | None:
    if _ID.search(name):
        return _TECHNICAL_RANK if _TECHNICAL.match(name) else 0
    plain = name.lower()
    return next((rank for rank, names in enumerate(_RANKS, start=1) if plain in names), None)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or is_reference(value):
        return ""
    text = str(value).strip() if isinstance(value, str) else _number(value)
    is_line = text.isprintable() and len(text) <= MAX_LENGTH
    return text if is_line and text != MASK and not is_secret_name(name) else ""


def _number(value: int) -> str:
    # Python refuses to write integers of thousands of digits.
    return str(value) if abs(value) < 10**MAX_LENGTH else ""
