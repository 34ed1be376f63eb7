"""Drafts: what is being written, what is wrong with it, and what it changes. Floor 5."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import intake
from actions.api.etags import tagged
from actions.errors import VersionRequired
from workflows import definitions
from workflows.api import bodies, operations
from workflows.api.door import WorkflowDoor
from workflows.api.rendering import JsonOrYaml
from workflows.comparison import compare
from workflows.ends import end_at
from workflows.models import WorkflowDraft as Draft


class WorkflowDraft(WorkflowDoor):
    """What is to become the next version of a workflow."""

    http_method_names = ["get", "head", "put"]
    content_negotiation_class = JsonOrYaml
    takes_document = True

    @operations.READ_DRAFT
    def get(self, request: Request, name: str) -> Response:
        """The draft, and what is wrong with it."""
        return self._answer(self.find_workflow(name).draft)

    @operations.SAVE_DRAFT
    def put(self, request: Request, name: str) -> Response:
        """Change it; that needs the number that the caller has seen."""
        self.check_name(name)
        expected = intake.expected_version(request)
        if expected is None:
            raise VersionRequired(
                f"Read the draft of {name[:100]}, and send its ETag as If-Match to change it."
            )
        return self._answer(
            definitions.save_draft(name, self.body, by=self.principal.actor, expected=expected)
        )

    def _answer(self, draft: Draft) -> Response:
        report = definitions.validate(draft.document, patterns=self.principal.patterns)
        return tagged(self.request, bodies.draft(draft, report), number=draft.number)


class WorkflowValidate(WorkflowDoor):
    """A document that is not stored."""

    takes_document = True

    @operations.VALIDATE_DOCUMENT
    def post(self, request: Request) -> Response:
        """All that is wrong with it, or doubtful."""
        report = definitions.validate(self.body, patterns=self.principal.patterns)
        return Response(bodies.validation(report))


class WorkflowDiff(WorkflowDoor):
    """What two documents of a workflow differ in."""

    http_method_names = ["get", "head"]
    parameters: ClassVar[frozenset[str]] = frozenset({"from", "to"})

    @operations.READ_DIFF
    def get(self, request: Request, name: str) -> Response:
        """The changes from one to the other."""
        workflow = self.find_workflow(name)
        ends = request.query_params.get("from", "active"), request.query_params.get("to", "draft")
        old, new = (end_at(workflow, end) for end in ends)
        return Response(bodies.diff(name, ends, compare(old.document, new.document)))
