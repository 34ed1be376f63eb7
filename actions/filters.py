"""What a list shows: the filters of executions, which the page and the API share, and of audits.

Floor 1, pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from actions import ids
from actions.deeds import Deed
from actions.errors import FieldProblem, MalformedRequest
from actions.states import ExecutionStatus

MAX_TEXT = 255
_LISTS = ("status", "action", "error_code", "verb")
_WORDS: dict[str, type[StrEnum]] = {"status": ExecutionStatus, "verb": Deed}


class _Filters:
    """What every kind of filters can do."""

    __slots__ = ()

    @classmethod
    def parse(cls, query: Mapping[str, Sequence[str]]) -> Self:
        """Read the filters of a query string; raise MalformedRequest for one it does not know.

        A list may be repeated or separated by commas: `status=failed,retrying`.
        """
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]  # each is a dataclass
        problems: list[FieldProblem] = []
        values: dict[str, object] = {}
        for name, given in query.items():
            if name not in known:
                problems.append(_problem(name, "unknown-filter", _unknown(name, known)))
                continue
            try:
                values[name] = _read(name, [text for text in given if text])
            except ValueError as wrong:
                problems.append(_problem(name, "filter-invalid", str(wrong)))
        if problems:
            raise MalformedRequest("The list cannot be filtered like that.", errors=problems)
        return cls(**values)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilters(_Filters):
    """Which audit events to show; `since` (inclusive) and `until` (exclusive) bound the moment."""

    verb: tuple[Deed, ...] = ()
    actor: str = ""
    object_kind: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionFilters(_Filters):
    """What to show. Lists mean "any of these"; an empty one means "all".

    `q` finds an id, a key, an action's name, an error's code, or an exact value of a param.
    `since` (inclusive) and `until` (exclusive) bound the moment of acceptance.
    """

    status: tuple[ExecutionStatus, ...] = ()
    action: tuple[str, ...] = ()
    error_code: tuple[str, ...] = ()
    q: str = ""
    key: str = ""
    actor: str = ""
    rerun_of: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every execution is shown."""
        return self == ExecutionFilters()


def _unknown(name: str, known: set[str]) -> str:
    return f"There is no filter {name[:60]!r}; use one of {', '.join(sorted(known))}."


def _problem(name: str, code: str, detail: str) -> FieldProblem:
    return FieldProblem(pointer=f"/{name[:60]}", code=code, detail=detail)


def _read(name: str, given: list[str]) -> object:
    if name in _LISTS:
        parts = [part.strip() for text in given for part in text.split(",") if part.strip()]
        return tuple(_word(name, part) for part in parts) if name in _WORDS else tuple(parts)
    text = given[-1].strip() if given else ""
    if len(text) > MAX_TEXT:
        raise ValueError(f"The filter {name} takes up to {MAX_TEXT} characters.")
    if name == "rerun_of":
        return ids.parse(ids.PREFIX_EXECUTION, text) if text else None
    if name in ("since", "until"):
        return _moment(name, text) if text else None
    return text.replace("\x00", "")


def _word(name: str, text: str) -> StrEnum:
    try:
        return _WORDS[name](text)
    except ValueError:
        allowed = ", ".join(_WORDS[name])
        raise ValueError(f"There is no {name} {text[:60]!r}; use one of {allowed}.") from None


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"The filter {name} is {text[:60]!r}; give a time such as 2026-11-22T02:15:00Z."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
