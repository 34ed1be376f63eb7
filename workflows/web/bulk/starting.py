"""*Re-run these…*: how many runs a filter finds, the form, and the press of its button.

Floor 5, a door.
"""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions.errors import ParamsInvalid, Refusal
from actions.web.bounds import bounded_reads
from actions.web.door import CONFLICT, PageRequest, page
from actions.web.forms.keys import new_form_key
from actions.web.forms.reason import reason_of
from actions.web.lists import Asked
from workflows.errors import SituationChanged
from workflows.runs import bulk
from workflows.runs.bulk import BulkWish, Started
from workflows.web.bulk.views import leading_to
from workflows.web.rights import WRITE_RUNS

OK, INVALID = 200, 422
MAX_DIGITS = 9
# What may be chosen for the time between two beginnings, in seconds.
SPACINGS = ((0, "none"), (1, "1 second"), (10, "10 seconds"), (60, "1 minute"), (600, "10 minutes"))


@require_safe
@page(WRITE_RUNS)
def start_form(request: PageRequest) -> HttpResponse:
    """How many runs the filters of the address find, and what to do with them."""
    return _show(request, Asked.of(request).filters, given={})


@page(WRITE_RUNS)
def start(request: PageRequest) -> HttpResponse:
    """Start what was confirmed and lead to it; if it is another number by now, show that."""
    filters = dict(QueryDict(request.POST.get("filters", "")).lists())
    given = {name: request.POST.get(name, "") for name in ("what", "version", "spacing", "key")}
    given["reason"] = reason_of(request)
    try:
        started = _start(request, filters, given=given)
    except (ParamsInvalid, SituationChanged) as refusal:
        return _show(request, filters, given=given, refusal=refusal)
    return leading_to(request, started.bulk)


def _start(
    request: PageRequest, filters: Mapping[str, Sequence[str]], *, given: Mapping[str, str]
) -> Started:
    wish = BulkWish(
        filters=filters,
        what="whole" if given["what"] == "whole" else "from_failed",
        version="latest" if given["version"] == "latest" else "original",
        expected_count=_number(request.POST.get("count", "")),
        reason=given["reason"],
        spacing_seconds=float(_number(given["spacing"])),
    )
    return bulk.start(wish, by=request.principal, key=given["key"] or None)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0


def _show(
    request: PageRequest,
    filters: Mapping[str, Sequence[str]],
    *,
    given: Mapping[str, str],
    refusal: Refusal | None = None,
) -> HttpResponse:
    with bounded_reads():
        chosen = bulk.chosen_by(filters, by=request.principal)
    query = chosen.filters.as_query()
    context = {
        "chosen": chosen,
        "limit": settings.ACTIONSITE_BULK_MAX,
        "is_too_many": chosen.count > settings.ACTIONSITE_BULK_MAX,
        "shown_filters": {name: ", ".join(sent) for name, sent in query.items()},
        "filters": urlencode(query, doseq=True),
        "spacings": SPACINGS,
        "given": {"spacing": "1", "what": "from_failed", **given, "key": new_form_key()},
        "refusal": refusal,
    }
    conflict = CONFLICT if isinstance(refusal, SituationChanged) else INVALID
    status = conflict if refusal is not None else OK
    return render(request, "workflows/bulk_new.html", context, status=status)
