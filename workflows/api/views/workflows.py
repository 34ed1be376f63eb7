"""Workflows: which there are, making one, which version is active, archiving. Floor 5."""

from typing import ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions.api.etags import tagged
from actions.api.views.lists import PAGING, page_by_name
from workflows import definitions
from workflows.api import bodies, operations
from workflows.api.door import WorkflowDoor
from workflows.api.shapes import ACTIVATE, ARCHIVE, UNARCHIVE
from workflows.models import Workflow


class WorkflowList(WorkflowDoor):
    """All workflows that the caller may know of, by name."""

    parameters: ClassVar[frozenset[str]] = PAGING
    takes_document = True

    @operations.LIST_WORKFLOWS
    def get(self, request: Request) -> Response:
        """One page."""
        visible = Workflow.objects.catalogue().named_like(self.principal.patterns)
        return page_by_name(
            request,
            lambda after, limit: visible.following(after)[:limit],
            shown=bodies.workflow,
            named=lambda row: row.name,
        )

    @operations.CREATE_WORKFLOW
    def post(self, request: Request) -> Response:
        """Make one, with this document as its draft."""
        self.check_name(str(self.body.get("workflow", "")))
        made = definitions.create(self.body, by=self.principal.actor)
        return tagged(
            request,
            bodies.workflow(made),
            number=made.draft.number,
            code=status.HTTP_201_CREATED,
            headers={"Location": f"/api/v1/workflows/{made.name}"},
        )


class WorkflowDetail(WorkflowDoor):
    """One workflow."""

    http_method_names = ["get", "head"]

    @operations.READ_WORKFLOW
    def get(self, request: Request, name: str) -> Response:
        """The workflow."""
        found = self.find_workflow(name)
        return tagged(request, bodies.workflow(found), number=found.draft.number)


class WorkflowActivate(WorkflowDoor):
    """New runs begin with a version; a repeat has no further effect."""

    shape = ACTIVATE

    @operations.ACTIVATE_VERSION
    def post(self, request: Request, name: str) -> Response:
        """Activate it; an older one is a roll-back."""
        self.check_name(name)
        number = self.body["version"]
        workflow = definitions.activate(
            name, number if isinstance(number, int) else 0, by=self.principal.actor
        )
        return Response(bodies.workflow(workflow))


class WorkflowArchive(WorkflowDoor):
    """No new runs of a workflow; a repeat has no further effect."""

    shape = ARCHIVE

    @operations.ARCHIVE_WORKFLOW
    def post(self, request: Request, name: str) -> Response:
        """Archive it."""
        self.check_name(name)
        note = str(self.body.get("note", ""))
        return Response(
            bodies.workflow(definitions.archive(name, by=self.principal.actor, note=note))
        )


class WorkflowUnarchive(WorkflowDoor):
    """New runs of a workflow again; a repeat has no further effect."""

    shape = UNARCHIVE

    @operations.UNARCHIVE_WORKFLOW
    def post(self, request: Request, name: str) -> Response:
        """Take it out of the archive."""
        self.check_name(name)
        return Response(bodies.workflow(definitions.unarchive(name, by=self.principal.actor)))
