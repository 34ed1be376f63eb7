"""The audit log: what people did to the installation, the newest first.

Floor 5, a door.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions import access
from actions.deeds import Deed
from actions.filters import AuditFilters
from actions.models import AuditEvent
from actions.web import curl, lists
from actions.web.audit.words import lines_of
from actions.web.bounds import bounded_reads
from actions.web.door import PageRequest, page
from actions.web.lists import Asked, Filter, Page

SINCE = (
    ("-1h", "last hour"),
    ("-24h", "last 24 hours"),
    ("-7d", "last 7 days"),
    ("-4w", "last 4 weeks"),
)
KINDS = ("action", "api_key", "login", "secret", "user", "vault_key", "workflow")


@require_safe
@page(access.ADMIN)
def audit_log(request: PageRequest) -> HttpResponse:
    """Fifty deeds with the filters of the address."""
    asked = Asked.of(request)
    filters = AuditFilters.parse(asked.filters)
    with bounded_reads():
        visible = AuditEvent.objects.named_like(request.principal.patterns)
        found = visible.matching(filters).page(limit=lists.PAGE_SIZE + 1, before=asked.number)
    shown = Page.of(asked, found, lambda event: event.pk)
    context = {
        "asked": asked,
        "page": shown,
        "lines": lines_of(shown.rows),
        "filters": _fields(asked),
        "curl": curl.of_path(request, _api_path(asked)),
    }
    return render(request, "actions/audit_log.html", context)


def _fields(asked: Asked) -> tuple[Filter, ...]:
    return (
        Filter.choosing(asked, "verb", [(str(each), str(each)) for each in Deed]),
        Filter.writing(asked, "actor", "Who"),
        Filter.choosing(asked, "object_kind", [(each, each.replace("_", " ")) for each in KINDS]),
        Filter.writing(asked, "object_id", "Object id"),
        Filter.choosing(asked, "since", SINCE),
    )


def _api_path(asked: Asked) -> str:
    pairs = [(name, asked.text(name)) for name in asked.filters if asked.text(name)]
    return "/api/v1/audit-events" + (f"?{urlencode(pairs)}" if pairs else "")
