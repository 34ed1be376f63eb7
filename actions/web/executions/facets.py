"""The filters beside the list, each value with how many it would show, and the chips above it.

Floor 5, a door. Each counts what the other filters leave, so a filter never hides its own
alternatives. No page counts the whole table: where rows were left uncounted, a number has a plus.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from actions.filters import PARAM_PREFIX, ExecutionFilters
from actions.models import Execution
from actions.models.execution import Tally
from actions.states import ExecutionStatus
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
    "error": "error says",
    "q": "mentions",
    "key": "key",
    "actor": "asked by",
    "worker": "tried by",
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


class Tallies:
    """The counts that a reader may see who knows the actions that fit `patterns`, each read once."""

    def __init__(self, query: ListQuery, patterns: tuple[str, ...]) -> None:
        self._query = query
        self._visible = Execution.objects.without_internal().named_like(patterns)
        self._read: dict[ExecutionFilters, Tally] = {}

    def without(self, *names: str) -> Tally:
        """What the list would show without these filters."""
        filters = self._query.without(names).filters
        if filters not in self._read:
            self._read[filters] = self._visible.tally(filters)
        return self._read[filters]


def facets(query: ListQuery, tallies: Tallies) -> tuple[Facet, ...]:
    """The filters that are lists, with their values."""
    states = tallies.without("status")
    counts = dict(states.by("status"))
    every_state = tuple(
        _choice(query, "status", (state.value, _words_of(counts.get(state.value, 0), states)))
        for state in ExecutionStatus
    )
    return (
        Facet(name="status", title="State", choices=every_state),
        _counted(query, tallies.without("action"), title=("action", "action_name", "Action")),
        _counted(query, tallies.without("error_code"), title=("error_code", "error_code", "Error")),
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
            name=CHIP_NAMES.get(name) or name.removeprefix(PARAM_PREFIX),
            words=_words(query, name, text),
            href=query.without_pair(name, text).url(),
        )
        for name, text in query.pairs()
    )


def _counted(query: ListQuery, tally: Tally, *, title: tuple[str, str, str]) -> Facet:
    name, column, words = title
    chosen: tuple[str, ...] = getattr(query.filters, name)
    counted = tally.by(column)
    # What is chosen stays in sight, also where it has no rows or many rivals.
    counts, shown = dict(counted), counted[:SHOWN_VALUES]
    shown += [(value, counts.get(value, 0)) for value in chosen if value not in dict(shown)]
    return Facet(
        name=name,
        title=words,
        choices=tuple(
            _choice(query, name, (value, _words_of(count, tally))) for value, count in shown
        ),
    )


def _choice(query: ListQuery, name: str, counted: tuple[str, str]) -> Choice:
    value, count = counted
    return Choice(
        value=value,
        count=count,
        href=query.toggled(name, value).url(),
        is_on=value in getattr(query.filters, name),
    )


def _words_of(count: int, tally: Tally) -> str:
    return f"{count:,}{'+' if tally.is_capped else ''}"


def _is_about(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and abs(moment - other) < timedelta(minutes=1)


def _words(query: ListQuery, name: str, text: str) -> str:
    moment = getattr(query.filters, name, None)
    return full(moment) if isinstance(moment, datetime) else text.replace(",", ", ")
