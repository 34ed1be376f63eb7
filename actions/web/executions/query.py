"""The address of the list: which executions it shows and where in them it stands.

Floor 5, a door. The URL is the whole state of the list, so that a link leads to the same view.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from actions import ids, moments
from actions.errors import MalformedRequest
from actions.filters import PARAM_PREFIX, ExecutionFilters, typed
from actions.web.lists import filled

PLACES = ("before", "after")
LISTS = ("status", "action", "error_code")
TEXTS = ("error", "q", "key", "actor", "worker")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListQuery:
    """What the list shows: filters, and the row before (older) or after (newer) which it begins."""

    filters: ExecutionFilters
    before: UUID | None = None
    after: UUID | None = None

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Read a query string; raise MalformedRequest for what it does not know."""
        places = {name: _place(name, str(query[name])) for name in PLACES if query.get(name)}
        rest = {name: given for name, given in query.lists() if name not in PLACES}
        return cls(filters=ExecutionFilters.parse(filled(rest)), **places)

    def url(self, name: str = "web:executions", **extra: str) -> str:
        """The address of a view with these filters, at the newest row, with `extra` parameters."""
        pairs = [*self.pairs(), *extra.items()]
        return reverse(name) + (f"?{urlencode(pairs)}" if pairs else "")

    def pairs(self) -> list[tuple[str, str]]:
        """The filters as the pairs of a query string, in a fixed order."""
        filters = self.filters
        pairs = [(name, ",".join(getattr(filters, name))) for name in LISTS]
        pairs += [(f"{PARAM_PREFIX}{path}", value) for path, value in filters.params]
        pairs += [(name, getattr(filters, name)) for name in TEXTS]
        if filters.rerun_of is not None:
            pairs.append(("rerun_of", ids.show(ids.PREFIX_EXECUTION, filters.rerun_of)))
        if filters.run is not None:
            pairs.append(("run", ids.show(ids.PREFIX_RUN, filters.run)))
        pairs += [("since", _moment(filters.since)), ("until", _moment(filters.until))]
        return [(name, value) for name, value in pairs if value]

    def toggled(self, name: str, value: str) -> Self:
        """The same list with one value of a filter added, or taken away if it is there."""
        present: tuple[str, ...] = getattr(self.filters, name)
        values = tuple(each for each in present if each != value)
        if len(values) == len(present):
            values = (*present, value)
        return self.having(**{name: values})

    def having(self, **changes: object) -> Self:
        """The same list with some filters replaced."""
        filters = replace(self.filters, **changes)  # type: ignore[arg-type]  # names of its fields
        return replace(self, filters=filters, before=None, after=None)

    def without(self, names: Iterable[str]) -> Self:
        """The same list with some filters at rest."""
        empty = ExecutionFilters()
        return self.having(**{name: getattr(empty, name) for name in names})

    def without_pair(self, name: str, text: str) -> Self:
        """The same list without one of its `pairs`."""
        if not name.startswith(PARAM_PREFIX):
            return self.without((name,))
        pair = (name.removeprefix(PARAM_PREFIX), text)
        return self.having(params=tuple(each for each in self.filters.params if each != pair))


def with_typed(query: QueryDict) -> QueryDict | None:
    """The query once filters typed into the search box are filters; None if none was typed.

    A search text that was there before stays, unless another one was typed.
    """
    texts = query.getlist("q")
    found, rest = typed(texts[-1] if texts else "")
    if not found:
        return None
    changed = query.copy()
    changed.setlist("q", [text for text in (rest, *texts[-2:-1]) if text][:1])
    for name, value in found:
        changed.appendlist(name, value)
    return changed


def local_moment(text: str) -> datetime | None:
    """What a `datetime-local` field means in the reader's zone; None if it is empty or no time."""
    try:
        moment = moments.read(text, is_local=True)
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment.tzinfo is None else moment


def _moment(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""


def _place(name: str, text: str) -> UUID:
    try:
        return ids.parse(ids.PREFIX_EXECUTION, text)
    except ValueError as wrong:
        raise MalformedRequest(f"The list cannot begin {name} that row. {wrong}") from wrong
