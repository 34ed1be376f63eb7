"""What an expression speaks of, read off its text without the library.

Floor 1, pure. A mention is a variable and the names after it, as in `steps.welcome.result.id`; where
brackets or a function follow, it ends before them.
"""

import re
from dataclasses import dataclass

from actions import expressions

_VARIABLE = r"(?<![\w.])(params|steps|run|item|index|error)\b"
_MENTION = re.compile(_VARIABLE + r"((?:\s*\.\s*[A-Za-z_]\w*\b(?!\s*\())*)", re.ASCII)
_NAME = re.compile(r"\w+", re.ASCII)
_STEP = re.compile(r"(?<![\w.])steps\.[a-z]\w*", re.ASCII)
# Larger ones may be too large.
_NUMBER = re.compile(r"(?<![\w.])\d{1,15}(?![\w.])", re.ASCII)
_OPERATION = re.compile(r"[^\w.]", re.ASCII)
_NOT_PLAIN = re.compile(r"""["'/]""")


@dataclass(frozen=True, slots=True)
class Mention:
    """A variable and the path into it."""

    variable: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.variable, *self.path))


@dataclass(frozen=True, slots=True)
class Mentions:
    """All mentions of an expression; `shadowed` are variables that a loop calls its own by.

    `form` is an expression that is valid if and only if this one is; expressions that differ only
    in steps, numbers and texts share one.
    """

    found: tuple[Mention, ...]
    shadowed: frozenset[str]
    form: str


def mentions_of(source: str) -> Mentions:
    """Read an expression; it need not be valid."""
    code = expressions.code_of(source) if _NOT_PLAIN.search(source) else source
    found = tuple(
        Mention(match[1], tuple(_NAME.findall(match[2]))) for match in _MENTION.finditer(code)
    )
    own = expressions.loop_variables(code) if "(" in code else set()
    shadowed = frozenset(own & {one.variable for one in found})
    return Mentions(found, shadowed, _form(source, code))


def _form(source: str, code: str) -> str:
    # What stands in a text matters where it is a pattern, or has an escape that may be wrong.
    told = source if "\\" in source or "matches" in source else code
    if told.isidentifier() or not _OPERATION.search(told):
        return told
    return _NUMBER.sub("1", _STEP.sub("steps.one", told))
