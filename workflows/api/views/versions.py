"""Versions: publishing the draft, and reading what was published. Floor 5."""

from typing import ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import cursors, intake
from actions.api.bodies import page
from actions.api.views.lists import MAX_LIMIT, PAGING
from workflows import definitions
from workflows.api import bodies, links, operations
from workflows.api.door import WorkflowDoor
from workflows.api.rendering import JsonOrYaml
from workflows.api.shapes import PUBLISH
from workflows.models import WorkflowVersion


class WorkflowVersionList(WorkflowDoor):
    """What was published of a workflow, the newest first."""

    parameters: ClassVar[frozenset[str]] = PAGING
    shape = PUBLISH

    @operations.LIST_VERSIONS
    def get(self, request: Request, name: str) -> Response:
        """One page."""
        active_id = self.find_workflow(name).active_id
        limit = intake.limit_of(request, default=MAX_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        found = WorkflowVersion.objects.of(name)
        if cursor is not None:
            found = found.older_than(cursors.number_of(cursor))
        rows = list(found[: limit + 1])
        following = cursors.after_number(rows[limit - 1].number) if len(rows) > limit else None
        shown = (bodies.version_entry(row, is_active=row.pk == active_id) for row in rows[:limit])
        return Response(page(shown, next_cursor=following))

    @operations.PUBLISH
    def post(self, request: Request, name: str) -> Response:
        """Make a version of the draft."""
        self.check_name(name)
        published = definitions.publish(
            name,
            by=self.principal.actor,
            message=str(self.body.get("message", "")),
            expected=intake.expected_version(request),
            is_activating=self.body.get("activate") is not False,
            patterns=self.principal.patterns,
        )
        row = published.version
        is_active = published.workflow.active_id == row.pk
        body = bodies.version(row, published.report, is_active=is_active)
        code = status.HTTP_201_CREATED if published.is_new else status.HTTP_200_OK
        return Response(body, status=code, headers={"Location": links.version(name, row.number)})


class WorkflowVersionDetail(WorkflowDoor):
    """One version, which never changes."""

    http_method_names = ["get", "head"]
    content_negotiation_class = JsonOrYaml

    @operations.READ_VERSION
    def get(self, request: Request, name: str, number: int) -> Response:
        """The version with its document."""
        workflow = self.find_workflow(name)
        row = WorkflowVersion.objects.numbered(name, number)
        if row is None:
            raise definitions.no_such_version(name, number)
        report = definitions.validate(row.document, patterns=self.principal.patterns)
        return Response(bodies.version(row, report, is_active=row.pk == workflow.active_id))
