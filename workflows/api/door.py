"""What every view of a workflow has in common. Floor 5."""

from typing import ClassVar

from rest_framework.request import Request

from actions.api import intake
from actions.api.door import Door
from actions.jsontypes import JSONObject
from workflows import definitions
from workflows.api.intake import document_of
from workflows.models import Workflow


class WorkflowDoor(Door):
    """A view about one workflow, or all; `body` is what was sent, by the `shape` of the call.

    With `takes_document` the body is the document itself, as JSON or YAML.
    """

    takes_document: ClassVar[bool] = False

    body: JSONObject

    def take_in(self, request: Request) -> None:
        """Read the body of a call that has one."""
        super().take_in(request)
        if request.method not in ("POST", "PUT"):
            return
        if self.takes_document:
            self.body = document_of(request)
        elif self.shape is not None:
            self.body = intake.body_of(
                request, shape=self.shape, may_be_empty="required" not in self.shape
            )

    def check_name(self, name: str) -> None:
        """Refuse a name that the caller may not know of, in the words for one that is not there."""
        if not name.isprintable() or not self.principal.sees(name):
            raise definitions.no_such_workflow(name)

    def find_workflow(self, name: str) -> Workflow:
        """The workflow of that name; raises WorkflowNotFound."""
        self.check_name(name)
        found = Workflow.objects.named(name)
        if found is None:
            raise definitions.no_such_workflow(name)
        return found
