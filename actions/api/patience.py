"""How long a caller wishes to wait for an outcome: `Prefer` (RFC 7240) or `?wait=`. Floor 5, pure.

What exceeds the longest wait is cut down to it, for it is a preference; what is no number of
seconds is refused, for it is a mistake.
"""

import re
from dataclasses import dataclass

from actions.errors import FieldProblem, MalformedRequest

_PREFERENCE = re.compile(
    r"""\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)
        (?:\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s",;]*))?
        (?:\s*;[^,"]*(?:"(?:[^"\\]|\\.)*"[^,"]*)*)?
        \s*(?:,|$)""",
    re.VERBOSE,
)
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long to wait, and what Preference-Applied says of it (empty if nothing was asked)."""

    seconds: float
    applied: str = ""


NONE = Patience(seconds=0)


def read(*, prefer: str, query: str | None, default: float, longest: float) -> Patience:
    """The wish of one request; the query counts before the header. Times are in seconds."""
    if query is not None:
        return Patience(seconds=min(_seconds(query, pointer="/wait"), longest))
    wishes = preferences(prefer)
    if "wait" in wishes:
        seconds = min(_seconds(wishes["wait"], pointer=""), longest)
        return Patience(seconds=seconds, applied=f"wait={seconds:g}")
    if "respond-async" in wishes:
        return Patience(seconds=0, applied="respond-async")
    return Patience(seconds=min(default, longest))


def preferences(header: str) -> dict[str, str]:
    """The preferences by their names in lower case; of one given twice the first counts."""
    found: dict[str, str] = {}
    for match in _PREFERENCE.finditer(header):
        value = match["value"] or ""
        found.setdefault(match["name"].lower(), value.strip('"'))
    return found


def _seconds(text: str, *, pointer: str) -> float:
    if not _SECONDS.fullmatch(text.strip()):
        detail = f"The wait is {text[:40]!r}; give whole seconds, such as wait=10."
        problem = FieldProblem(pointer=pointer, code="wait-invalid", detail=detail)
        raise MalformedRequest(detail, errors=[problem])
    return float(text)
