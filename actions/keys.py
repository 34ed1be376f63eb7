"""Idempotency keys: which text may be one, and how long one may be remembered.

Floor 1, pure. Source: IETF draft Idempotency-Key HTTP Header Field; RFC 8941 for quoted strings.
"""

from typing import Final, Literal

from actions.errors import IdempotencyKeyInvalid

# Days after the end of its execution.
Retention = int | Literal["forever"]

FOREVER: Final = "forever"
MAX_RETENTION_DAYS = 36_500
MAX_LENGTH = 255
_FIRST, _LAST = "!", "~"


def check(key: str) -> str:
    """Return the key; raise IdempotencyKeyInvalid unless it is 1 to 255 characters from ! to ~.

    The message gives the length and never the key, which may be a secret of the caller's.
    """
    if not 1 <= len(key) <= MAX_LENGTH:
        raise IdempotencyKeyInvalid(
            f"The idempotency key has {len(key)} characters; use 1 to {MAX_LENGTH}."
        )
    if not all(_FIRST <= character <= _LAST for character in key):
        raise IdempotencyKeyInvalid(
            f"The idempotency key ({len(key)} characters) has a character that is not allowed; "
            "use letters, digits and punctuation of ASCII, without spaces."
        )
    return key


def read(value: str) -> str:
    """The key that a header or a body says: an RFC 8941 string if it begins with a quote.

    Otherwise it is the text itself. Raises IdempotencyKeyInvalid.
    """
    if not value.startswith('"'):
        return check(value)
    if len(value) < 2 or not value.endswith('"'):
        raise IdempotencyKeyInvalid(
            "The idempotency key begins with a quote and does not end with one."
        )
    return check(_unescaped(value[1:-1]))


def is_retention(given: object) -> bool:
    """Whether a key may be remembered for so long: whole days, or for ever."""
    return given == FOREVER or (type(given) is int and 1 <= given <= MAX_RETENTION_DAYS)


def _unescaped(text: str) -> str:
    characters: list[str] = []
    rest = iter(text)
    for character in rest:
        if character == '"':
            raise IdempotencyKeyInvalid(
                'The idempotency key has a quote inside its quotes; write it as \\".'
            )
        if character != "\\":
            characters.append(character)
            continue
        escaped = next(rest, "")
        if escaped not in ('"', "\\"):
            raise IdempotencyKeyInvalid("The idempotency key has a backslash that escapes nothing.")
        characters.append(escaped)
    return "".join(characters)
