"""Executions as they are: the list, one, its log. Floor 5."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import bodies, cursors, intake
from actions.api.door import Door
from actions.api.following.wish import Following, JsonOrStream, wants_stream
from actions.api.openapi import operations
from actions.api.rows import name_steps
from actions.api.views.answers import of_read
from actions.api.views.lists import MAX_LIMIT, PAGING
from actions.api.waiting.executions import ExecutionDoor
from actions.errors import FieldProblem, MalformedRequest, NotAccepting
from actions.executions.waiting import why_waiting
from actions.filters import LISTS, NAMES, PARAM_PREFIX, ExecutionFilters
from actions.models import Execution, ExecutionEvent

DEFAULT_LIMIT = 50


class ExecutionList(Door):
    """All executions that the caller may know of, the newest first."""

    parameters: ClassVar[frozenset[str]] = NAMES | PAGING
    families: ClassVar[tuple[str, ...]] = (PARAM_PREFIX,)
    repeatable: ClassVar[frozenset[str]] = LISTS

    @operations.LIST_EXECUTIONS
    def get(self, request: Request) -> Response:
        """One page."""
        asked = dict(request.query_params.lists())
        filters = ExecutionFilters.parse({name: asked[name] for name in asked.keys() - PAGING})
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        visible = Execution.objects.without_internal().for_answer()
        before = cursors.id_of(cursor) if cursor else None
        rows = visible.named_like(self.principal.patterns).page(
            filters, limit=limit + 1, before=before
        )
        name_steps(rows)
        has_more = len(rows) > limit
        following = cursors.after_id(rows[limit - 1].id) if has_more else None
        return Response(bodies.page(map(bodies.execution, rows[:limit]), next_cursor=following))


class ExecutionDetail(ExecutionDoor):
    """One execution."""

    @operations.READ_EXECUTION
    def get(self, request: Request, execution_id: str) -> Response:
        """The execution, once it has ended if the caller waits for that."""
        return self.answer_with(self.expecting(self.find(execution_id)))

    def answer(self, row: Execution) -> Response:
        """200, however far it has come, or 304."""
        return of_read(row, self.request, patience=self.patience)


class ExecutionEvents(Door):
    """The log of one execution, in order; the cursor is the number of the last event seen."""

    content_negotiation_class = JsonOrStream
    parameters: ClassVar[frozenset[str]] = PAGING

    @operations.LIST_EVENTS
    def get(self, request: Request, execution_id: str) -> Response:
        """One page, or a stream of what is there and what comes."""
        row = self.find(execution_id)
        if wants_stream(request):
            self._follow(row.id, request._request.following)  # type: ignore[attr-defined]  # set by following_view
            return Response()
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        after = number_of(request.query_params.get("cursor", "0"))
        rows = ExecutionEvent.objects.of(row.id).page(after=after, limit=limit + 1)
        following = str(rows[limit - 1].seq) if len(rows) > limit else None
        return Response(bodies.page(map(bodies.event, rows[:limit]), next_cursor=following))

    def _follow(self, execution_id: UUID, following: Following) -> None:
        if following.is_full:
            raise NotAccepting(
                "As many logs are followed here as may be; ask again, or read the pages."
            )
        last = self.request.headers.get("Last-Event-ID")
        following.after = number_of(last or self.request.query_params.get("cursor", "0"))
        following.execution_id = execution_id


class ExecutionWaiting(Door):
    """Why one execution is not running."""

    @operations.READ_WAITING
    def get(self, request: Request, execution_id: str) -> Response:
        """The reason, or null if it runs or has ended."""
        return Response(bodies.waiting(why_waiting(self.find(execution_id))))


def number_of(cursor: str) -> int:
    """The number of an event after which a page of a log begins; raises MalformedRequest."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
        detail = "The cursor is not the number of an event; leave it out to begin with the first."
        problem = FieldProblem(pointer="/cursor", code="cursor-invalid", detail=detail)
        raise MalformedRequest(detail, errors=[problem])
    return int(cursor)
