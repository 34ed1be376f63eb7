"""Regular expressions of schemas, which anybody may have written: their cost is bounded.

Floor 1, pure. RE2 takes time in proportion to the text, whatever the expression, and lets other
threads run meanwhile. It knows neither look-around nor back-references.
"""

import re
from functools import lru_cache
from typing import Any

import re2

MAX_PATTERN = 1_000  # to compile a long expression takes seconds
_CACHED = 1_024


class PatternInvalid(ValueError):
    """An expression that is none, is too large, or uses what RE2 does not know."""


def is_found(pattern: str, text: str) -> bool:
    """Whether the expression is found anywhere in the text; one that cannot be used never is."""
    try:
        return bool(_compiled(pattern).search(text))
    except (PatternInvalid, UnicodeEncodeError):
        # The latter is half a character, which no expression means.
        return False


def check(pattern: str) -> None:
    """Raise PatternInvalid for an expression that cannot be used."""
    if len(pattern) > MAX_PATTERN:
        raise PatternInvalid(f"It has {len(pattern):,} characters of at most {MAX_PATTERN:,}.")
    try:
        # RE2 reads a number that is too large as plain text.
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise PatternInvalid(str(wrong)[:200]) from None
    _compiled(pattern)


@lru_cache(maxsize=_CACHED)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as wrong:
        said = wrong.args[0] if wrong.args else ""
        told = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise PatternInvalid(told[:200]) from None
