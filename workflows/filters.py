"""Which runs a list shows.

Floor 1, pure. A time is given in the forms that the filters of executions have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from actions.errors import FieldProblem, MalformedRequest
from actions.filters import moment_of
from workflows.states import RunStatus

NAMES = ("status", "workflow", "since")
_MAX_TEXT = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFilters:
    """What to show; an empty `status` means all, `since` (inclusive) bounds the acceptance."""

    status: tuple[RunStatus, ...] = ()
    workflow: str = ""
    since: datetime | None = None

    @classmethod
    def parse(cls, query: Mapping[str, Sequence[str]]) -> "RunFilters":
        """Read the filters of a query string; raises MalformedRequest for one it does not know."""
        problems = [_unknown(name) for name in query if name not in NAMES]
        since = _last(query, "since")
        try:
            if problems:
                raise MalformedRequest("The list cannot be filtered like that.", errors=problems)
            return cls(
                status=tuple(map(_status, _parts(query))),
                workflow=_last(query, "workflow"),
                since=moment_of("since", since) if since else None,
            )
        except ValueError as wrong:
            raise MalformedRequest(f"The list cannot be filtered like that. {wrong}") from wrong


def _parts(query: Mapping[str, Sequence[str]]) -> list[str]:
    given = (part.strip() for text in query.get("status", ()) for part in text.split(","))
    return [part for part in given if part]


def _last(query: Mapping[str, Sequence[str]], name: str) -> str:
    return ("", *query.get(name, ()))[-1].replace("\x00", "").strip()[:_MAX_TEXT]


def _status(text: str) -> RunStatus:
    try:
        return RunStatus(text)
    except ValueError:
        allowed = ", ".join(RunStatus)
        raise ValueError(f"There is no status {text[:60]!r}; use one of {allowed}.") from None


def _unknown(name: str) -> FieldProblem:
    detail = f"There is no filter {name[:60]!r}; use one of {', '.join(NAMES)}."
    return FieldProblem(pointer=f"/{name[:60]}", code="unknown-filter", detail=detail)
