"""Which names somebody may touch, as shell patterns. Floor 1, pure."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from actions.errors import MalformedRequest

_PATTERN = re.compile(r"[a-z0-9*?.-]{1,200}", re.ASCII)


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of the patterns; any name fits where there is none."""
    kept = tuple(patterns)
    return not kept or any(fnmatchcase(name, one) for one in kept)


def check_patterns(patterns: Iterable[str]) -> None:
    """Raise MalformedRequest for a pattern that can match no action's name."""
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise MalformedRequest(
                f"The pattern {pattern[:60]!r} can match no action; use a name with * or ?."
            )
