"""Which rows a list shows: the filters that the pages and the API share.

Floor 1, pure.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from actions import ids, moments
from actions.deeds import Deed
from actions.errors import FieldProblem, MalformedRequest
from actions.states import ExecutionStatus, KeyKind, KeyState

MAX_TEXT = 255
MAX_PARAM_TEXT = 2_000
MAX_PARAMS = 10
# What follows it is the path of a param: `params.userId=usr_12345`.
PARAM_PREFIX = "params."
# Filters that mean "any of these"; only they may come more than once.
LISTS = frozenset({"status", "action", "name", "error_code", "verb", "kind", "state"})
_WORDS: dict[str, Iterable[StrEnum]] = {
    "status": ExecutionStatus,
    "verb": Deed,
    "kind": KeyKind,
    "state": KeyState,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Forms:
    """How filters are written: which are lists, which have words, and how the ids begin."""

    lists: Set[str]
    words: Mapping[str, Iterable[StrEnum]]
    prefix: str


_OURS = Forms(lists=LISTS, words=_WORDS, prefix=ids.PREFIX_EXECUTION)
_AGO = re.compile(r"-(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionFilters:
    """What to show. Lists mean "any of these"; an empty one means "all".

    No value is sent empty: one that is would seem to filter.

    `q` finds an id, a key, an action's name, an error's code, or an exact value of a param.
    `params` are pairs of a path and the exact value there, of which all must hold; a path joins
    names and positions in arrays with dots. `error` are words, of which all must occur in the
    error's code or message. `worker` is the label of a worker of any attempt.
    `since` (inclusive) and `until` (exclusive) bound the moment of acceptance.
    """

    status: tuple[ExecutionStatus, ...] = ()
    action: tuple[str, ...] = ()
    error_code: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    q: str = ""
    key: str = ""
    error: str = ""
    actor: str = ""
    worker: str = ""
    rerun_of: UUID | None = None
    run: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, query: Mapping[str, Sequence[str]]) -> "ExecutionFilters":
        """Read the filters of a query string; raise MalformedRequest for one it does not know.

        A list may be repeated or separated by commas: `status=failed,retrying`. A time is one of
        ISO 8601, in UTC if it names no zone, or so long ago: `-30m`, `-24h`, `-7d`, `-2w`.
        """
        read = _all_of(query, is_known=is_filter, known=NAMES | {f"{PARAM_PREFIX}<path>"})
        by_path = {name: pairs for name, pairs in read.items() if name.startswith(PARAM_PREFIX)}
        pairs = [pair for found in by_path.values() for pair in cast("list[Any]", found)]
        if len(pairs) > MAX_PARAMS:
            problem = _problem("params", "filter-invalid", f"Give up to {MAX_PARAMS} params.")
            raise MalformedRequest("The list cannot be filtered like that.", errors=[problem])
        rest: dict[str, Any] = {name: read[name] for name in read if name not in by_path}
        return cls(**rest, params=tuple(pairs))

    @property
    def is_empty(self) -> bool:
        """Whether every execution is shown."""
        return self == ExecutionFilters()


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilters:
    """Which audit events to show; `since` (inclusive) and `until` (exclusive) bound the moment."""

    verb: tuple[Deed, ...] = ()
    actor: str = ""
    object_kind: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, query: Mapping[str, Sequence[str]]) -> "AuditFilters":
        """Read the filters of a query string, in the forms that those of executions have."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = _all_of(query, is_known=known.__contains__, known=known)
        return cls(**values)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyFilters:
    """Which idempotency keys to show; lists mean "any of these", an empty one means "all".

    `name` is the action's or the workflow's, `status` that of the execution or the run that a key
    stands for, `state` the key's own.
    """

    kind: tuple[KeyKind, ...] = ()
    name: tuple[str, ...] = ()
    key: str = ""
    status: tuple[str, ...] = ()
    state: tuple[KeyState, ...] = ()

    @classmethod
    def parse(
        cls, query: Mapping[str, Sequence[str]], *, statuses: Iterable[StrEnum]
    ) -> "KeyFilters":
        """Read the filters of a query string; `statuses` are all that executions and runs have."""
        known = {field.name for field in fields(cls)}
        forms = replace(_OURS, words={**_WORDS, "status": statuses})
        return cls(**read_all(query, known=known, forms=forms))


NAMES = frozenset(field.name for field in fields(ExecutionFilters)) - {"params"}
_TYPED = re.compile(
    rf'(?<!\S)((?:{"|".join(sorted(NAMES - {"q"}))})|{re.escape(PARAM_PREFIX)}[^\s=]+)=("[^"]*"|\S+)'
)


def is_filter(name: str) -> bool:
    """Whether a parameter of that name filters the list."""
    return name in NAMES or (name.startswith(PARAM_PREFIX) and name != PARAM_PREFIX)


def typed(text: str) -> tuple[list[tuple[str, str]], str]:
    """The filters in what somebody typed, as names and values, and the rest of the text.

    `params.userId=usr_12345 error="connection refused" usr_7` has two filters and leaves `usr_7`.
    """
    found = [(name, value.strip('"')) for name, value in _TYPED.findall(text)]
    return found, " ".join(_TYPED.sub("", text).split())


def read_all(
    query: Mapping[str, Sequence[str]], *, known: Set[str], forms: Forms
) -> dict[str, Any]:
    """Every filter of a query for rows of another kind; raises MalformedRequest."""
    return _all_of(query, is_known=known.__contains__, known=known, forms=forms)


def _all_of(
    query: Mapping[str, Sequence[str]],
    *,
    is_known: Callable[[str], bool],
    known: Set[str],
    forms: Forms = _OURS,
) -> dict[str, object]:
    """Every filter of a query, read; raises MalformedRequest with all that is wrong."""
    problems: list[FieldProblem] = []
    values: dict[str, object] = {}
    for name, given in query.items():
        if not is_known(name):
            problems.append(_problem(name, "unknown-filter", _unknown(name, known)))
            continue
        try:
            values[name] = _read(name, given, forms)
        except ValueError as wrong:
            problems.append(_problem(name, "filter-invalid", str(wrong)))
    if problems:
        raise MalformedRequest("The list cannot be filtered like that.", errors=problems)
    return values


def _unknown(name: str, known: Set[str]) -> str:
    return f"There is no filter {name[:60]!r}; use one of {', '.join(sorted(known))}."


def _problem(name: str, code: str, detail: str) -> FieldProblem:
    return FieldProblem(pointer=f"/{name[:60]}", code=code, detail=detail)


def _read(name: str, sent: Sequence[str], forms: Forms) -> object:
    if name.startswith(PARAM_PREFIX):
        return _param(name, sent)
    is_list = name in forms.lists
    parts = [part.strip() for text in sent for part in (text.split(",") if is_list else [text])]
    _check_texts(name, parts, most=MAX_TEXT)
    if is_list:
        words = forms.words.get(name)
        return tuple(_word(name, part, words) for part in parts) if words else tuple(parts)
    text = parts[-1]
    if name == "rerun_of":
        return ids.parse(forms.prefix, text)
    if name == "run":
        return ids.parse(ids.PREFIX_RUN, text)
    return moment_of(name, text) if name in ("since", "until") else text


def _param(name: str, given: Sequence[str]) -> list[tuple[str, str]]:
    texts = [text.strip() for text in given]
    _check_texts(name, [name, *texts], most=MAX_PARAM_TEXT)
    return [(name.removeprefix(PARAM_PREFIX), text) for text in texts]


def _check_texts(name: str, texts: Sequence[str], *, most: int) -> None:
    """What would find nothing, or everything, by mistake is refused."""
    if not all(texts):
        raise ValueError(
            f"The filter {name[:60]} has an empty value; leave the filter out for all."
        )
    if any("\x00" in text for text in texts):
        raise ValueError(f"The filter {name[:60]} has U+0000 in it; drop it.")
    if max(map(len, texts)) > most:
        raise ValueError(f"The filter {name[:60]} takes up to {most:,} characters.")


def _word(name: str, text: str, words: Iterable[StrEnum]) -> StrEnum:
    found = next((word for word in words if word == text), None)
    if found is None:
        allowed = ", ".join(words)
        raise ValueError(f"There is no {name} {text[:60]!r}; use one of {allowed}.")
    return found


def moment_of(name: str, text: str) -> datetime:
    """The moment that a filter of that name says; raises ValueError for a text that says none."""
    if ago := _AGO.fullmatch(text):
        return datetime.now(UTC).replace(microsecond=0) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return moments.read(text)
    except ValueError:
        raise ValueError(
            f"The filter {name} is {text[:60]!r}; give a time such as 2026-11-22T02:15:00Z, or how "
            "long ago it was, such as -24h."
        ) from None
