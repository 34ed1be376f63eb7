"""The fragment that keeps the list fresh without moving it.

Floor 5, a door. What is new waits behind a pill; what is on the page changes in place. The page
says what it has by a tag, and is answered 304 while nothing has changed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions import ids
from actions.errors import MalformedRequest
from actions.models import Execution
from actions.models.execution import ExecutionQuerySet
from actions.web.door import PageRequest, page
from actions.web.executions.query import ListQuery
from actions.web.executions.rows import row_of

NEW_CAP = 99
MAX_WATCHED = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLive:
    """What the page asks about: the addresses, how many are new, and the tag of the answer.

    `url` is empty when there is nothing to ask about any more.
    """

    url: str
    list_url: str
    new_count: int = 0
    tag: str = ""

    @classmethod
    def of(cls, query: ListQuery, shown: Sequence[Execution], *, counts_newer: bool) -> Self:
        """For a page that shows these rows; only the newest page counts what is newer."""
        newest = shown[0].shown_id if shown else ""
        return cls._asking(query, moving(shown), newest=newest if counts_newer else None)

    @classmethod
    def _asking(cls, query: ListQuery, watched: Sequence[Execution], *, newest: str | None) -> Self:
        questions = {} if newest is None else {"newest": newest}
        if watched:
            questions["watch"] = ",".join(each.shown_id for each in watched)
        url = query.url("web:executions-live", **questions) if questions else ""
        return cls(url=url, list_url=query.url())

    @classmethod
    def answer(
        cls, query: ListQuery, found: Sequence[Execution], *, newest: str | None, new_count: int
    ) -> Self:
        """The next question, with the answer to this one."""
        asking = cls._asking(query, moving(found), newest=newest)
        return cls(
            url=asking.url, list_url=query.url(), new_count=new_count, tag=_tag(new_count, found)
        )


def moving(executions: Sequence[Execution]) -> list[Execution]:
    """Those that may still change."""
    return [each for each in executions if not each.is_terminal]


@require_safe
@page("executions:read")
def execution_list_live(request: PageRequest) -> HttpResponse:
    """How many newer ones there are, and the rows that were watched; 304 if nothing changed."""
    given = request.GET.copy()
    newest, watched = given.pop("newest", [None])[-1], given.pop("watch", [""])[-1]
    query = ListQuery.read(given)
    visible = Execution.objects.without_internal().named_like(request.principal.patterns)
    found = list(visible.among(_identities(watched)).with_version()) if watched else []
    live = ListLive.answer(
        query, found, newest=newest, new_count=_new_count(visible.matching(query.filters), newest)
    )
    if request.headers.get("HX-PTag") == live.tag:
        return HttpResponseNotModified()
    context = {"live": live, "rows": [row_of(each) for each in found]}
    response = render(request, "actions/_execution_list_live.html", context)
    response["HX-PTag"] = live.tag
    return response


def _new_count(matching: ExecutionQuerySet, newest: str | None) -> int:
    if newest is None:
        return 0
    return matching.newer_than(_identity(newest)).capped_count(NEW_CAP)


def _tag(new_count: int, found: Sequence[Execution]) -> str:
    facts = ",".join(f"{each.id}:{each.revision}" for each in found)
    return f"{new_count}-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"


def _identities(text: str) -> list[UUID]:
    return [_identity(part) for part in text.split(",")[:MAX_WATCHED] if part]


def _identity(text: str) -> UUID:
    """The id that a text shows; the least there could be for an empty text."""
    if not text:
        return UUID(int=0)
    try:
        return ids.parse(ids.PREFIX_EXECUTION, text)
    except ValueError as wrong:
        raise MalformedRequest(str(wrong)) from wrong
