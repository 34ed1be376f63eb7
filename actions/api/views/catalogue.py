"""The catalogue: which actions there are and what each is. Floor 5."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import bodies, cursors, intake
from actions.api.door import Door
from actions.api.openapi import operations
from actions.api.views.executions import MAX_LIMIT, PAGING
from actions.errors import ActionNotFound
from actions.models import Action


class ActionList(Door):
    """All actions that the caller may know of, by name."""

    parameters: ClassVar[frozenset[str]] = PAGING

    @operations.LIST_ACTIONS
    def get(self, request: Request) -> Response:
        """One page."""
        limit = intake.limit_of(request, default=MAX_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        after = cursors.name_of(cursor) if cursor else ""
        visible = Action.objects.catalogue().defined().named_like(self.principal.patterns)
        rows = list(visible.following(after)[: limit + 1])
        following = cursors.after_name(rows[limit - 1].name) if len(rows) > limit else None
        return Response(bodies.page(map(bodies.action, rows[:limit]), next_cursor=following))


class ActionDetail(Door):
    """One action with its current version."""

    @operations.READ_ACTION
    def get(self, request: Request, name: str) -> Response:
        """The action."""
        self.check_action(name)
        row = Action.objects.named(name)
        if row is None or row.current is None:
            raise ActionNotFound(self.no_such_action(name))
        return Response(bodies.action(row))
