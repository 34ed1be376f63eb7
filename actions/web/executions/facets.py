"""The filters beside the list, each value with how many it would show, and the chips above it.

Floor 5, a door. Counts are taken among the newest 10,000 rows that match the other filters, so a
filter never hides its own alternatives and no page counts the whole table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from actions.models import Execution
from actions.models.execution import COUNT_CAP
from actions.states import ExecutionStatus
from actions.templatetags.look import capped
from actions.templatetags.times import full
from actions.web.executions.query import ListQuery

SHOWN_VALUES = 12
RANGES = (
    ("Last hour", timedelta(hours=1)),
    ("Last 24 hours", timedelta(days=1)),
    ("Last 7 days", timedelta(days=7)),
)
VIEWS: tuple[tuple[str, tuple[ExecutionStatus, ...]], ...] = (
    ("All", ()),
    ("Failed", (ExecutionStatus.FAILED,)),
    (
        "Under way",
        (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.RETRYING),
    ),
    ("Succeeded", (ExecutionStatus.SUCCEEDED,)),
)
CHIP_NAMES = {
    "status": "state",
    "action": "action",
    "error_code": "error",
    "q": "mentions",
    "key": "key",
    "actor": "asked by",
    "rerun_of": "re-runs of",
    "since": "since",
    "until": "until",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One value of a filter: how many it would show, and where a click leads."""

    value: str
    count: str
    href: str
    is_on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """One filter with its values; those of the state are drawn as marks."""

    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chip:
    """One filter that is set, and the address of the list without it."""

    name: str
    words: str
    href: str


def facets(query: ListQuery, patterns: tuple[str, ...]) -> tuple[Facet, ...]:
    """The filters for a reader who may see the actions that fit `patterns`."""
    states = dict(_tally(query, patterns, column="status"))
    every_state = tuple(
        _choice(query, "status", (state.value, states.get(state, 0))) for state in ExecutionStatus
    )
    return (
        Facet(name="status", title="State", choices=every_state),
        _counted(query, patterns, title=("action", "action_name", "Action")),
        _counted(query, patterns, title=("error_code", "error_code", "Error")),
    )


def views(query: ListQuery) -> tuple[Choice, ...]:
    """The states that people look for most, one click each."""
    return tuple(
        Choice(
            value=words,
            count="",
            href=query.having(status=states).url(),
            is_on=query.filters.status == states,
        )
        for words, states in VIEWS
    )


def ranges(query: ListQuery) -> tuple[Choice, ...]:
    """Times to choose from. The links carry the moment itself, so they keep their meaning."""
    now = timezone.now().replace(microsecond=0)
    recent = tuple(
        Choice(
            value=words,
            count="",
            href=query.having(since=now - length, until=None).url(),
            is_on=_is_about(query.filters.since, now - length),
        )
        for words, length in RANGES
    )
    anytime = Choice(
        value="Any time",
        count="",
        href=query.without(("since", "until")).url(),
        is_on=query.filters.since is None and query.filters.until is None,
    )
    return (*recent, anytime)


def chips(query: ListQuery) -> tuple[Chip, ...]:
    """The filters that are set."""
    return tuple(
        Chip(
            name=CHIP_NAMES[name],
            words=_words(query, name, text),
            href=query.without((name,)).url(),
        )
        for name, text in query.pairs()
    )


def _tally(query: ListQuery, patterns: tuple[str, ...], *, column: str) -> list[tuple[str, int]]:
    own = "action" if column == "action_name" else column
    others = query.without((own,)).filters
    return Execution.objects.named_like(patterns).matching(others).capped_tally(column)


def _counted(query: ListQuery, patterns: tuple[str, ...], *, title: tuple[str, str, str]) -> Facet:
    name, column, words = title
    chosen: tuple[str, ...] = getattr(query.filters, name)
    tally = _tally(query, patterns, column=column)
    # What is chosen stays in sight, also where it has no rows or many rivals.
    shown = tally[:SHOWN_VALUES]
    counts = dict(tally)
    shown += [(value, counts.get(value, 0)) for value in chosen if value not in dict(shown)]
    return Facet(
        name=name, title=words, choices=tuple(_choice(query, name, each) for each in shown)
    )


def _choice(query: ListQuery, name: str, counted: tuple[str, int]) -> Choice:
    value, count = counted
    return Choice(
        value=value,
        count=f"{COUNT_CAP:,}+" if count >= COUNT_CAP else capped(count),
        href=query.toggled(name, value).url(),
        is_on=value in getattr(query.filters, name),
    )


def _is_about(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and abs(moment - other) < timedelta(minutes=1)


def _words(query: ListQuery, name: str, text: str) -> str:
    moment = getattr(query.filters, name)
    return full(moment) if isinstance(moment, datetime) else text.replace(",", ", ")
