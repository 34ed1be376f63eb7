"""The shapes of what is sent and answered about workflows. Floor 5.

`bodies` makes the answers. Every field of an object is always there.
"""

from typing import Any, Final

from actions.api.shapes.building import (
    COUNT,
    TEXT,
    TIME,
    TIME_OR_NULL,
    Shape,
    or_null,
    page_of,
    record,
    ref,
)
from actions.api.shapes.requests import REASON
from workflows.definitions import MAX_MESSAGE

DOCUMENT: Final[Shape] = {
    "type": "object",
    "description": "The document; /api/v1/schemas/workflow.json describes it.",
}
_PROBLEM: Final = record(
    "One thing that is wrong, or doubtful, at one place of a document.",
    {
        "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
        "code": TEXT,
        "detail": TEXT,
        "severity": {"enum": ["error", "warning"], "description": "An error forbids to publish."},
    },
)
_PROBLEMS: Final[dict[str, Shape]] = {
    "problems": {"type": "array", "items": ref("DefinitionProblem")},
    "more_problems": COUNT | {"description": "How many there are besides."},
}
_VERSION: Final[dict[str, Shape]] = {
    "workflow": TEXT,
    "version": COUNT,
    "active": {"type": "boolean", "description": "Whether new runs begin with it."},
    "digest": TEXT,
    "message": TEXT,
    "published_by": TEXT,
    "published_at": TIME,
    "links": record("Addresses on this host.", {"self": TEXT}),
}
_WORKFLOW: Final = record(
    "One named composition of actions.",
    {
        "object": {"const": "workflow"},
        "name": TEXT,
        "description": {"type": "string", "description": "Of the active version."},
        "active_version": or_null("integer", description="Null before one is activated."),
        "params_schema": or_null("object", description="JSON Schema of the params of a run."),
        "draft": COUNT | {"description": "The number of its draft."},
        "archived_at": TIME_OR_NULL,
        "created_at": TIME,
        "updated_at": TIME,
        "links": record(
            "Addresses on this host.", dict.fromkeys(("self", "draft", "versions"), TEXT)
        ),
    },
)
_DRAFT: Final = record(
    "What is to become the next version of a workflow; it need not be valid.",
    {
        "object": {"const": "workflow_draft"},
        "workflow": TEXT,
        "number": COUNT | {"description": "Rises with every change; the ETag."},
        "document": DOCUMENT,
        "edited_by": TEXT,
        "edited_at": TIME,
        **_PROBLEMS,
    },
)
_CHANGE: Final = record(
    "One change, in what it means.",
    {
        "kind": {"enum": ["added", "removed", "renamed", "changed"]},
        "subject": {"enum": ["run", "param", "step"]},
        "name": {"type": "string", "description": "The step's or the param's."},
        "setting": {"type": "string", "description": "As retry.max_attempts; empty for the whole."},
        "before": {"description": "Null for what was not there."},
        "after": {"description": "Null for what is not there any more."},
        "sentence": TEXT,
    },
)
COMPONENTS: Final[dict[str, Shape]] = {
    "DefinitionProblem": _PROBLEM,
    "DefinitionChange": _CHANGE,
    "Validation": record(
        "Whether a document could be published.",
        {"object": {"const": "validation"}, "valid": {"type": "boolean"}, **_PROBLEMS},
    ),
    "Workflow": _WORKFLOW,
    "WorkflowDiff": record(
        "What has changed from one document to another.",
        {
            "object": {"const": "workflow_diff"},
            "workflow": TEXT,
            "from": TEXT,
            "to": TEXT,
            "changes": {"type": "array", "items": ref("DefinitionChange")},
        },
    ),
    "WorkflowDraft": _DRAFT,
    "WorkflowPage": page_of("Workflow"),
    "WorkflowVersion": record(
        "One version with its document, and what is wrong with it by now.",
        {
            "object": {"const": "workflow_version"},
            **_VERSION,
            "document": DOCUMENT,
            **_PROBLEMS,
        },
    ),
    "WorkflowVersionEntry": record(
        "One version, as it is listed.", {"object": {"const": "workflow_version_entry"}, **_VERSION}
    ),
    "WorkflowVersionPage": page_of("WorkflowVersionEntry", "version"),
}

PUBLISH: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A request to publish the draft.",
    "additionalProperties": False,
    "properties": {
        "message": {
            "type": "string",
            "maxLength": MAX_MESSAGE,
            "description": "Why, for the record.",
        },
        "activate": {
            "type": "boolean",
            "default": True,
            "description": "Whether new runs begin with it from now on.",
        },
    },
}
ACTIVATE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A request to let new runs begin with a version.",
    "additionalProperties": False,
    "required": ["version"],
    "properties": {
        "version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    },
}
ARCHIVE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A request to take no new runs.",
    "additionalProperties": False,
    "properties": {"note": REASON},
}
UNARCHIVE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A request to take new runs again.",
    "additionalProperties": False,
    "properties": {},
}


def add_shapes(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add the components to the generated OpenAPI document."""
    result["components"].setdefault("schemas", {}).update(COMPONENTS)
    return result
