"""Runs as they are: the list, one, its log. Floor 5."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import cursors, intake
from actions.api.bodies import page
from actions.api.etags import tagged
from actions.api.views.executions import DEFAULT_LIMIT, number_of
from actions.api.views.lists import MAX_LIMIT, PAGING
from actions.models import Execution
from workflows import filters
from workflows.api.runs import bodies, operations
from workflows.api.runs.door import RunDoor, RunLookout, headers_of
from workflows.api.runs.standing import Standing
from workflows.filters import RunFilters
from workflows.models import Run, RunEvent, Step
from workflows.runs.waiting import why_waiting


class RunList(RunLookout):
    """All runs that the caller may know of, the newest first."""

    http_method_names = ["get", "head"]
    parameters: ClassVar[frozenset[str]] = filters.NAMES | PAGING
    repeatable: ClassVar[frozenset[str]] = filters.LISTS

    @operations.LIST_RUNS
    def get(self, request: Request) -> Response:
        """One page."""
        asked = dict(request.query_params.lists())
        wanted = RunFilters.parse({name: asked[name] for name in asked.keys() - PAGING})
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        before = cursors.id_of(cursor) if cursor else None
        visible = Run.objects.named_like(self.principal.patterns)
        rows = visible.page(wanted, limit=limit + 1, before=before)
        following = cursors.after_id(rows[limit - 1].id) if len(rows) > limit else None
        return Response(page(map(bodies.entry, rows[:limit]), next_cursor=following))


class RunDetail(RunDoor):
    """One run with its steps."""

    http_method_names = ["get", "head"]

    @operations.READ_RUN
    def get(self, request: Request, run_id: str) -> Response:
        """The run, once it has ended if the caller waits for that."""
        return self.answer_for(self.find(run_id))

    def answer(self, row: Standing) -> Response:
        """200, however far it has come, or 304."""
        return tagged(self.request, bodies.run(row), headers=headers_of(self, row))


class RunWaiting(RunLookout):
    """Why one run does not go on."""

    http_method_names = ["get", "head"]

    @operations.READ_RUN_WAITING
    def get(self, request: Request, run_id: str) -> Response:
        """The reason, or null if it goes on or has ended."""
        found = self.find(run_id)
        active = list(Step.objects.active([found.id]).order_by("position"))
        executions = Execution.objects.among(
            [one.execution_id for one in active if one.execution_id]
        )
        told = why_waiting(found, active, {one.id: one for one in executions.with_version()})
        return Response(bodies.waiting(told))


class RunEvents(RunLookout):
    """The log of one run, in order; the cursor is the number of the last event seen."""

    http_method_names = ["get", "head"]
    parameters: ClassVar[frozenset[str]] = PAGING

    @operations.LIST_RUN_EVENTS
    def get(self, request: Request, run_id: str) -> Response:
        """One page."""
        found = self.find(run_id)
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        after = number_of(request.query_params.get("cursor", "0"))
        rows = RunEvent.objects.of(found.id).page(after=after, limit=limit + 1)
        following = str(rows[limit - 1].seq) if len(rows) > limit else None
        return Response(page(map(bodies.event, rows[:limit]), next_cursor=following))
