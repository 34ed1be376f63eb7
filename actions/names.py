"""Which names a secret may have, and which somebody may touch, as shell patterns. Floor 1, pure."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from actions.errors import MalformedRequest

# ACTIONSITE_SECRET_KEY signs sessions; an action that could read it could sign in as anybody.
_SECRET = re.compile(r"(?!key$)[a-z][a-z0-9-]{0,62}", re.ASCII)
MAX_PATTERNS = 50
# The names of actions that the engine itself asks for begin so.
INTERNAL = "actionsite."
_PATTERN = re.compile(r"[a-z0-9*?.-]{1,200}", re.ASCII)


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of the patterns; any name fits where there is none."""
    kept = tuple(patterns)
    return not kept or any(fnmatchcase(name, one) for one in kept)


def cover(patterns: Iterable[str], others: Iterable[str]) -> bool:
    """Whether every name that fits one of `others` fits one of the patterns, as far as is plain.

    All names fit where there is no pattern. Each of the others has to be within one pattern by itself.
    """
    ours, theirs = tuple(patterns), tuple(others) or ("*",)
    # A pattern is taken for a name in which * and ? are signs like others, but no sign stands for *.
    return not ours or all(
        any(fnmatchcase(their, one.replace("?", "[!*]")) for one in ours) for their in theirs
    )


def is_internal(name: str) -> bool:
    """Whether an action of that name is the engine's own."""
    return name.startswith(INTERNAL)


def may_be_secret(name: str) -> bool:
    """Whether a secret may have that name."""
    return _SECRET.fullmatch(name) is not None


def check_patterns(patterns: Iterable[str]) -> None:
    """Raise MalformedRequest for a pattern that can match no action's name, or for too many."""
    kept = tuple(patterns)
    if len(kept) > MAX_PATTERNS:
        raise MalformedRequest(f"There are {len(kept)} patterns; give up to {MAX_PATTERNS}.")
    for pattern in kept:
        if not _PATTERN.fullmatch(pattern):
            raise MalformedRequest(
                f"The pattern {pattern[:60]!r} can match no action; use a name with * or ?."
            )
