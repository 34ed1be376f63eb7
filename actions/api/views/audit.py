"""The audit log: what people did to the installation. Floor 5."""

from dataclasses import fields
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import bodies, cursors, intake
from actions.api.door import Door
from actions.api.openapi import operations
from actions.api.views.executions import DEFAULT_LIMIT
from actions.api.views.lists import MAX_LIMIT, PAGING
from actions.filters import LISTS, AuditFilters
from actions.models import AuditEvent

FILTERS = frozenset(field.name for field in fields(AuditFilters))


class AuditEventList(Door):
    """All that was done, the newest first; for a key with name patterns what concerns its actions."""

    parameters: ClassVar[frozenset[str]] = FILTERS | PAGING
    repeatable: ClassVar[frozenset[str]] = LISTS

    @operations.LIST_AUDIT_EVENTS
    def get(self, request: Request) -> Response:
        """One page."""
        asked = dict(request.query_params.lists())
        filters = AuditFilters.parse({name: asked[name] for name in asked if name in FILTERS})
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        before = cursors.number_of(cursor) if cursor else None
        visible = AuditEvent.objects.named_like(self.principal.patterns)
        rows = visible.matching(filters).page(limit=limit + 1, before=before)
        following = cursors.after_number(rows[limit - 1].pk) if len(rows) > limit else None
        return Response(bodies.page(map(bodies.audit_event, rows[:limit]), next_cursor=following))
