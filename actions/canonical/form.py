"""The canonical form of a JSON value, and what is computed from it.

Floor 1, pure. Two values have one form exactly if the idempotency contract calls them equal: the
order of members and the way of writing do not count, everything else does.
"""

import hmac
import json
import math
from collections.abc import Collection
from decimal import Decimal
from itertools import zip_longest
from typing import Final

from actions.canonical.plain import NotJson, first_problem, pointer_to

FORM_VERSION = "actionsite-fingerprint-1"
MAX_DIFFERENCES = 100

# From here on a float no longer tells which integer was meant.
_EXACT_UNTIL = 2**53
_ABSENT: Final = object()

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(value: object) -> bytes:
    """The one UTF-8 text that equal values share.

    Members are sorted by name at every depth, without white space. Integers are exact; a float that
    is an integer below 2^53 is written as one, so 1.0 is 1 and -0.0 is 0; other floats are written
    in the shortest way. Text is not normalised; `true` is not 1 and null is not absent.
    Raises NotJson, a ValueError, for what is not JSON.
    """
    try:
        return _encode(_exact(value)).encode()
    except (TypeError, ValueError, RecursionError):
        problem = first_problem(value)
        if problem is None:
            raise
        raise NotJson(problem) from None


def fingerprint(*, key: bytes, kind: str, name: str, params: object) -> bytes:
    """32 bytes that name one request: HMAC-SHA256 over kind, name and the raw params.

    `params` are as the caller sent them, before any default is applied. Without `key`, which must
    not be empty, nobody can test a guess of the params. Raises NotJson like `canonical`.
    """
    if not key:
        raise ValueError("The fingerprint key is empty; set ACTIONSITE_FINGERPRINT_KEY.")
    # One array of all parts: where one ends and the next begins cannot be mistaken.
    return hmac.digest(key, canonical([FORM_VERSION, kind, name, params]), "sha256")


def differing_fields(
    a: object,
    b: object,
    *,
    limit: int = MAX_DIFFERENCES,
    whole: Collection[tuple[str | int, ...]] = (),
) -> list[str]:
    """Where two values part: sorted JSON pointers, at most `limit`, empty if they are equal.

    A member or element that only one of them has is named itself, not what is below it; nor is what
    lies below one of the paths in `whole`. One of them may have been stored: of a number the value
    counts, not whether it was written as an integer.
    """
    found: list[str] = []
    pending: list[tuple[tuple[str | int, ...], object, object]] = [((), a, b)]
    while pending:
        path, one, other = pending.pop()
        if path in whole:
            found += [pointer_to(path)] if differing_fields(one, other, limit=1) else []
        elif isinstance(one, dict) and isinstance(other, dict):
            names = one.keys() | other.keys()
            pending += [((*path, n), one.get(n, _ABSENT), other.get(n, _ABSENT)) for n in names]
        elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
            both = zip_longest(one, other, fillvalue=_ABSENT)
            pending += [((*path, index), *pair) for index, pair in enumerate(both)]
        elif not _are_same(one, other):
            found.append(pointer_to(path))
    return sorted(found)[:limit]


def _are_same(one: object, other: object) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return False
    return canonical(as_stored(one)) == canonical(as_stored(other))


def as_stored(value: object) -> object:
    """As PostgreSQL gives it back, to whom 1e16 is a number without a fraction like any other."""
    if isinstance(value, float) and math.isfinite(value):
        exact = Decimal(repr(value))
        return int(exact) if exact == exact.to_integral_value() else value
    return value


def _exact(value: object) -> object:
    """The value with each integral float as an integer; refuses names that are not text."""
    kind = type(value)
    if kind is str or kind is int:
        return value
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise TypeError
        return {name: _exact(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(element) for element in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_UNTIL:
        return int(value)
    return value
