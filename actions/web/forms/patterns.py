"""Patterns of action names, as a field of a form holds them: one to a line.

Floor 5, a door.
"""

from collections.abc import Iterable


def patterns_of(text: str) -> list[str]:
    """The patterns in a field's text, each once; lines, spaces and commas part them."""
    return list(dict.fromkeys(text.replace(",", " ").split()))


def text_of(patterns: Iterable[str]) -> str:
    """The text of the field for these patterns."""
    return "\n".join(patterns)
