"""The list of runs, the newest first.

Floor 5, a door.
"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions import ids
from actions.errors import MalformedRequest
from actions.web import lists
from actions.web.bounds import bounded_reads
from actions.web.door import PageRequest, page
from actions.web.lists import Asked, Filter, Page
from workflows.filters import RunFilters
from workflows.models import Run
from workflows.states import RunStatus
from workflows.web.rights import READ_RUNS, WRITE_RUNS
from workflows.web.runs.rows import rows_of

SINCE = (
    ("-1h", "last hour"),
    ("-24h", "last 24 hours"),
    ("-7d", "last 7 days"),
    ("-4w", "last 4 weeks"),
)


@require_safe
@page(READ_RUNS)
def run_list(request: PageRequest) -> HttpResponse:
    """Fifty runs with the filters of the address."""
    asked = Asked.of(request)
    filters = RunFilters.parse(asked.filters)
    with bounded_reads():
        visible = Run.objects.named_like(request.principal.patterns).matching(filters)
        found = list(visible.older_than(_place(asked))[: lists.PAGE_SIZE + 1])
    shown = Page.of(asked, found, lambda run: run.shown_id)
    context = {
        "asked": asked,
        "page": shown,
        "rows": rows_of(shown.rows),
        "filters": _fields(asked),
        "bulk_url": _bulk_url(asked) if shown.rows and request.principal.may(WRITE_RUNS) else "",
    }
    return render(request, "workflows/run_list.html", context)


def _place(asked: Asked) -> UUID | None:
    try:
        return ids.parse(ids.PREFIX_RUN, asked.place) if asked.place else None
    except ValueError as wrong:
        raise MalformedRequest(f"The list cannot begin from {asked.place[:60]!r}.") from wrong


def _bulk_url(asked: Asked) -> str:
    """Where all that match these filters are run again."""
    query = asked.url().partition("?")[2]
    return f"{reverse('workflows-web:bulk-rerun-new')}?{query}"


def _fields(asked: Asked) -> tuple[Filter, ...]:
    return (
        Filter.choosing(asked, "status", [(str(each), str(each)) for each in RunStatus]),
        Filter.writing(asked, "workflow", "Workflow"),
        Filter.choosing(asked, "since", SINCE),
    )
