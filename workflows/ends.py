"""What two documents of a workflow can be compared: versions, the active one, the draft.

Floor 4.
"""

from dataclasses import dataclass

from actions.errors import FieldProblem, MalformedRequest
from actions.jsontypes import JSONObject
from workflows.definitions import no_such_version
from workflows.models import Workflow, WorkflowVersion

_MAX_DIGITS = 9
DRAFT, ACTIVE = "draft", "active"


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """One end of a comparison, as it was asked for, and its document."""

    asked: str
    document: JSONObject

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"version {self.asked}" if self.asked.isdigit() else f"the {_WORDS[self.asked]}"


_WORDS = {DRAFT: "draft", ACTIVE: "active version"}


def end_at(workflow: Workflow, asked: str) -> End:
    """A version by its number, the active one, or the draft.

    Raises MalformedRequest and WorkflowVersionNotFound.
    """
    return End(asked=asked, document=_document_at(workflow, asked))


def _document_at(workflow: Workflow, asked: str) -> JSONObject:
    if asked == DRAFT:
        draft: JSONObject = workflow.draft.document
        return draft
    if asked == ACTIVE:
        # Before the first version, everything is new.
        return workflow.active.document if workflow.active else {"workflow": workflow.name}
    if not (asked.isascii() and asked.isdigit() and len(asked) <= _MAX_DIGITS):
        detail = (
            f"{asked[:40]!r} is no end of a diff; give the number of a version, active or draft."
        )
        problem = FieldProblem(pointer="/from", code="end-invalid", detail=detail)
        raise MalformedRequest(detail, errors=[problem])
    version = WorkflowVersion.objects.numbered(workflow.name, int(asked))
    if version is None:
        raise no_such_version(workflow.name, int(asked))
    document: JSONObject = version.document
    return document
