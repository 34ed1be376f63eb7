"""What the value of an expression must be, where it is more than its type can say.

Floor 1, pure. A constant is judged by these when a definition is saved, anything else when its step
begins. All raise ExpressionFailed, which quotes the expression.
"""

from datetime import datetime, timedelta
from typing import Any

from actions import keys, moments
from actions.errors import IdempotencyKeyInvalid
from actions.expressions import ExpressionFailed
from actions.registry import MAX_PRIORITY

MAX_KEY = 255
LONGEST_WAIT = timedelta(days=3_650)


def moment(source: str, value: Any) -> datetime:
    """A time with its zone, from text (RFC 3339)."""
    try:
        read = moments.read(value, is_local=True)
    except (TypeError, ValueError):
        raise ExpressionFailed(f"{source!r:.200}: {value!r:.100} is no time (RFC 3339).") from None
    if read.tzinfo is None:
        raise ExpressionFailed(
            f"{source!r:.200}: {value!r:.100} does not say its time zone, as Z does."
        )
    return read


def span(source: str, value: Any) -> timedelta:
    """So long, from a number of seconds."""
    seconds = -1.0 if isinstance(value, bool) or not isinstance(value, int | float) else value
    if not 0 <= seconds <= LONGEST_WAIT.total_seconds():
        raise ExpressionFailed(f"{source!r:.200} gives no number of seconds from 0 to ten years.")
    return timedelta(seconds=float(seconds))


def priority(source: str, value: Any) -> int:
    """A place in the queue."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_PRIORITY:
        raise ExpressionFailed(f"{source!r:.200} gives no whole number up to {MAX_PRIORITY}.")
    return value


def idempotency_key(source: str, value: Any) -> str:
    """What a step sends downstream."""
    try:
        return keys.check(str(value) if _is_plain(value) else "")
    except IdempotencyKeyInvalid:
        raise ExpressionFailed(
            f"The idempotency key {source!r:.200} gives no text of 1 to "
            f"{keys.MAX_LENGTH} letters, digits and punctuation of ASCII, without spaces."
        ) from None


def concurrency_key(source: str, value: Any) -> str:
    """By what runs or executions share their places."""
    if not _is_plain(value) or not 1 <= len(str(value)) <= MAX_KEY:
        raise ExpressionFailed(
            f"The concurrency key {source!r:.200} gives no text of 1 to {MAX_KEY} characters."
        )
    return str(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
