"""Which names of fields say that the value is a secret.

Floor 1, pure. Whole words count, however they are joined: `smtpPassword`, `api-key`, `CARD_NUMBER`,
but not `cardinality` or `secretary`.
"""

import re
from functools import lru_cache
from itertools import pairwise

_MAX_LENGTH = 200  # what is longer is judged by its beginning; it also bounds the cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ONE = frozenset(
    {
        *("password", "passwd", "passphrase", "passcode", "pwd", "pin", "otp"),
        *("secret", "token", "credential", "jwt", "bearer"),
        *("authorization", "cookie", "card", "cvv", "cvc"),
    }
)
_MANY = frozenset(f"{word}s" for word in _ONE)
_ENDINGS = ("password", "passwd", "secret", "token", "apikey", "creditcard", "cardnumber")
_PAIRS = frozenset(
    (which, "key") for which in ("api", "access", "private", "secret", "signing", "encryption")
)
_PAIRS_OF_MANY = frozenset((which, f"{key}s") for which, key in _PAIRS)


def is_secret_name(name: str, *, is_number: bool = False) -> bool:
    """Whether a field of that name holds a secret; a number under a plural name is a count."""
    return _is_secret(name[:_MAX_LENGTH], is_number)


@lru_cache(maxsize=4_096)
def _is_secret(name: str, is_number: bool) -> bool:  # noqa: FBT001  # the cache wants it by position
    words = [word.lower() for word in _WORDS.findall(name)]
    if not _ONE.isdisjoint(words) or any(word.endswith(_ENDINGS) for word in words):
        return True
    if any(pair in _PAIRS for pair in pairwise(words)):
        return True
    plural = not _MANY.isdisjoint(words) or any(pair in _PAIRS_OF_MANY for pair in pairwise(words))
    return plural and not is_number
