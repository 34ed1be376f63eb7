"""The list of executions.

Floor 5, a door.
"""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.models import Action, Execution
from actions.models.execution import Tally
from actions.web import curl
from actions.web.bounds import bounded_reads
from actions.web.door import PageRequest, page
from actions.web.executions import facets
from actions.web.executions.list_live import ListLive
from actions.web.executions.query import ListQuery, local_moment, with_typed
from actions.web.executions.rows import Row, row_of
from actions.web.forms.example import example_of

PAGE_SIZE = 50
THOUSAND = 1_000
LOCAL_FIELDS = {"since_local": "since", "until_local": "until"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionPage:
    """One page of the list, with the addresses of its neighbours (empty where there is none)."""

    rows: tuple[Row, ...]
    newer: str
    older: str
    matches: str
    live: ListLive


@require_safe
@page("executions:read")
def execution_list(request: PageRequest) -> HttpResponse:
    """Fifty executions, newest first, with the filters of the address."""
    if LOCAL_FIELDS.keys() & request.GET.keys():
        return HttpResponseRedirect(_with_moments(request))
    if typed := with_typed(request.GET):
        return HttpResponseRedirect(f"{request.path}?{typed.urlencode()}")
    query = ListQuery.read(request.GET)
    with bounded_reads():
        context = _context(request, query)
    return render(request, "actions/execution_list.html", context)


def _context(request: PageRequest, query: ListQuery) -> dict[str, object]:
    tallies = facets.Tallies(query, request.principal.patterns)
    shown = _page(query, request.principal.patterns, tallies.without())
    return {
        "query": query,
        "page": shown,
        "live": shown.live,
        "views": facets.views(query),
        "facets": facets.facets(query, tallies),
        "ranges": facets.ranges(query),
        "chips": facets.chips(query),
        "curl": curl.of_list(request, query.pairs()),
        "example": "" if shown.rows or query.pairs() else _example(request),
    }


def _example(request: PageRequest) -> str:
    """A command that executes the first action of the catalogue; empty if there is none."""
    first = Action.objects.catalogue().first()
    if first is None or first.current is None:
        return ""
    return curl.of_execute(request, first.name, example_of(first.current.params_schema))


def _page(query: ListQuery, patterns: tuple[str, ...], tally: Tally) -> ExecutionPage:
    visible = Execution.objects.without_internal().named_like(patterns).with_version()
    found = visible.page(query.filters, limit=PAGE_SIZE + 1, before=query.before, after=query.after)
    has_more = len(found) > PAGE_SIZE
    # Going towards the newer, the row too many is the first; otherwise it is the last.
    shown = found[-PAGE_SIZE:] if query.after else found[:PAGE_SIZE]
    has_newer = has_more if query.after else query.before is not None
    has_older = bool(query.after) or has_more
    return ExecutionPage(
        rows=tuple(row_of(execution) for execution in shown),
        live=ListLive.of(query, shown, counts_newer=not has_newer),
        newer=query.url(after=shown[0].shown_id) if shown and has_newer else "",
        older=query.url(before=shown[-1].shown_id) if shown and has_older else "",
        matches=_matches(tally),
    )


def _matches(tally: Tally) -> str:
    """How many match, in words; of many, so many thousands."""
    if tally.is_capped:
        return f"{tally.count // THOUSAND * THOUSAND:,}+ match"
    return f"{tally.count:,} match{'es' if tally.count == 1 else ''}"


def _with_moments(request: PageRequest) -> str:
    """The address of the list once the times of the form are read in the reader's zone."""
    given = request.GET.copy()
    texts = {name: given.pop(field, [""])[-1] for field, name in LOCAL_FIELDS.items()}
    moments = {name: local_moment(text) for name, text in texts.items()}
    return ListQuery.read(given).having(**moments).url()
