"""Each call about workflows described, for the view's method that answers it. Floor 5."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema

from actions.api.etags import NUMBERED_PATTERN
from actions.api.openapi import parts
from workflows.api import shapes
from workflows.api.rendering import YAML
from workflows.definition import EXAMPLES

JSON = "application/json"
_NAME = OpenApiParameter("name", str, OpenApiParameter.PATH, description="A workflow's name.")
_NUMBER = OpenApiParameter(
    "number",
    {"type": "integer", "minimum": 1},
    OpenApiParameter.PATH,
    description="The number of a version.",
)
_SEEN = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": f"^{NUMBERED_PATTERN}$"},
    OpenApiParameter.HEADER,
    description="The ETag of the draft that you have seen, or its number in quotes.",
)
_DRAFT_NUMBER = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    description="Changes with anything of the body. It begins with the number of the draft, which "
    "alone counts in If-Match.",
    response=["200", "201", "304"],
)
# Client generators know no YAML, so it is only told in words.
_DOCUMENT: dict[str, Any] = {
    JSON: shapes.DOCUMENT | {"examples": list(EXAMPLES.values())},
}
_TAKES_YAML = f" The document may also be sent as {YAML}."
_GIVES_YAML = f" With Accept: {YAML} the document alone is answered, as YAML."
_NOT_THERE = ("workflow-not-found",)
_WITH_BODY = (*parts.WITH_BODY, "csrf-refused")


def _end(name: str, default: str) -> OpenApiParameter:
    kind = {"type": "string", "default": default}
    return OpenApiParameter(name, kind, description="A version's number, `active` or `draft`.")


LIST_WORKFLOWS = extend_schema(
    operation_id="list_workflows",
    summary="List workflows",
    description="Those that you may know of, by name; archived ones too.",
    parameters=[parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("WorkflowPage", "A page."), **parts.problems()},
)
CREATE_WORKFLOW = extend_schema(
    operation_id="create_workflow",
    summary="Make a workflow",
    description=(
        "By the name in its document, which becomes its draft and need not be valid yet."
        + _TAKES_YAML
    ),
    parameters=[_DRAFT_NUMBER, parts.told("Location", "The workflow.", 201)],
    request=_DOCUMENT,
    responses={
        (201, JSON): parts.answer("Workflow", "The workflow."),
        **parts.problems(*_WITH_BODY, *_NOT_THERE, "workflow-exists", "definition-invalid"),
    },
)
READ_WORKFLOW = extend_schema(
    operation_id="read_workflow",
    summary="Read one workflow",
    description="Which version is active, and the schema of a run's params.",
    parameters=[_NAME, parts.KNOWN_REVISION, _DRAFT_NUMBER],
    responses={
        (200, JSON): parts.answer("Workflow", "The workflow."),
        304: parts.NOT_CHANGED,
        **parts.problems(*_NOT_THERE),
    },
)
READ_DRAFT = extend_schema(
    operation_id="read_workflow_draft",
    summary="Read a draft",
    description=(
        "What is to become the next version, and all that is wrong with it so far." + _GIVES_YAML
    ),
    parameters=[_NAME, parts.KNOWN_REVISION, _DRAFT_NUMBER],
    responses={
        (200, JSON): parts.answer("WorkflowDraft", "The draft."),
        304: parts.NOT_CHANGED,
        **parts.problems(*_NOT_THERE),
    },
)
SAVE_DRAFT = extend_schema(
    operation_id="save_workflow_draft",
    summary="Change a draft",
    description=(
        "It need not be valid; the answer says what is wrong. Needs the ETag of the draft that "
        "you have seen." + _TAKES_YAML
    ),
    parameters=[_NAME, _SEEN, _DRAFT_NUMBER],
    request=_DOCUMENT,
    responses={
        (200, JSON): parts.answer("WorkflowDraft", "The draft as it is now."),
        **parts.problems(
            *_WITH_BODY, *_NOT_THERE, "definition-invalid", "version-changed", "version-required"
        ),
    },
)
VALIDATE_DOCUMENT = extend_schema(
    operation_id="validate_workflow",
    summary="Validate a document",
    description="All that is wrong with it, or doubtful; nothing is stored." + _TAKES_YAML,
    request=_DOCUMENT,
    responses={
        (200, JSON): parts.answer("Validation", "What was found."),
        **parts.problems(*_WITH_BODY, "definition-invalid"),
    },
)
READ_DIFF = extend_schema(
    operation_id="read_workflow_diff",
    summary="Compare two documents of a workflow",
    description="What has changed in what it means: steps, their settings, the run, its params.",
    parameters=[_NAME, _end("from", "active"), _end("to", "draft")],
    responses={
        (200, JSON): parts.answer("WorkflowDiff", "The changes."),
        **parts.problems(*_NOT_THERE, "workflow-version-not-found"),
    },
)
LIST_VERSIONS = extend_schema(
    operation_id="list_workflow_versions",
    summary="List the versions of a workflow",
    description="The newest first, without their documents.",
    parameters=[_NAME, parts.CURSOR, parts.LIMIT],
    responses={
        (200, JSON): parts.answer("WorkflowVersionPage", "A page."),
        **parts.problems(*_NOT_THERE),
    },
)
PUBLISH = extend_schema(
    operation_id="publish_workflow",
    summary="Publish a draft",
    description=(
        "Makes a version of it, which never changes, and lets new runs begin with that unless "
        "told otherwise; runs that there are go on with their own. A draft that is the newest "
        "version already makes no other."
    ),
    parameters=[_NAME, _SEEN, parts.told("Location", "The version.", 200, 201)],
    request={JSON: shapes.PUBLISH},
    responses={
        (200, JSON): parts.answer("WorkflowVersion", "The newest version, which is the same."),
        (201, JSON): parts.answer("WorkflowVersion", "The new version."),
        **parts.problems(
            *_WITH_BODY, *_NOT_THERE, "workflow-archived", "definition-invalid", "version-changed"
        ),
    },
)
READ_VERSION = extend_schema(
    operation_id="read_workflow_version",
    summary="Read one version",
    description=(
        "Its document, and what is wrong with it by now: an action may have gone since."
        + _GIVES_YAML
    ),
    parameters=[_NAME, _NUMBER],
    responses={
        (200, JSON): parts.answer("WorkflowVersion", "The version."),
        **parts.problems(*_NOT_THERE, "workflow-version-not-found"),
    },
)
ACTIVATE_VERSION = extend_schema(
    operation_id="activate_workflow_version",
    summary="Activate a version",
    description="New runs begin with it; an older one is a roll-back. A repeat changes nothing.",
    parameters=[_NAME],
    request={JSON: shapes.ACTIVATE},
    responses={
        (200, JSON): parts.answer("Workflow", "The workflow as it is now."),
        **parts.problems(*_WITH_BODY, *_NOT_THERE, "workflow-version-not-found"),
    },
)
ARCHIVE_WORKFLOW = extend_schema(
    operation_id="archive_workflow",
    summary="Archive a workflow",
    description="Takes no new runs and no new versions; what runs goes on. A repeat changes nothing.",
    parameters=[_NAME],
    request={JSON: shapes.ARCHIVE},
    responses={
        (200, JSON): parts.answer("Workflow", "The workflow as it is now."),
        **parts.problems(*_WITH_BODY, *_NOT_THERE),
    },
)
UNARCHIVE_WORKFLOW = extend_schema(
    operation_id="unarchive_workflow",
    summary="Take a workflow out of the archive",
    description="Takes new runs and versions again. A repeat changes nothing.",
    parameters=[_NAME],
    request={JSON: shapes.UNARCHIVE},
    responses={
        (200, JSON): parts.answer("Workflow", "The workflow as it is now."),
        **parts.problems(*_WITH_BODY, *_NOT_THERE),
    },
)
