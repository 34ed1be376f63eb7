"""What the definitions of these tests are judged against."""

from typing import Any

import pytest

from actions.states import Effect
from workflows.validation import KnownAction, KnownWorkflow, Report, Surroundings, validate


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """The schema of an object that has no other members."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
ACTIONS = (
    KnownAction(
        name="make-user",
        effect=Effect.TRANSACTIONAL,
        is_repeatable=False,
        params_schema=closed(("email",), email={"type": "string", "format": "email"}),
        result_schema=closed(
            ("id", "age"),
            id=TEXT,
            age={"type": "integer"},
            key={"type": "string", "x-secret": True},
            tags={"type": "array", "items": TEXT},
        ),
    ),
    KnownAction(
        name="call-outside",
        effect=Effect.EXTERNAL,
        is_repeatable=False,
        params_schema=closed(
            count={"type": "integer", "maximum": 10},
            note=TEXT,
            nested=closed(count={"type": "integer"}),
            hidden={"type": "string", "writeOnly": True},
        ),
        result_schema={},
    ),
    KnownAction(
        name="anything",
        effect=Effect.NONE,
        is_repeatable=True,
        params_schema={},
        result_schema={},
    ),
)
SURROUNDINGS = Surroundings(
    actions={action.name: action for action in ACTIONS},
    workflows={
        "other": KnownWorkflow(name="other", params_schema=closed(("who",), who=TEXT)),
    },
    secrets={"for-all": (), "for-mail": ("send-*",)},
)
RUN_PARAMS = closed(
    ("email",),
    email=TEXT,
    age={"type": "integer"},
    plan={"enum": ["free", "team"], "default": "free"},
    people={"type": "array", "items": closed(("name",), name=TEXT)},
    pin={"type": "string", "writeOnly": True},
)


def found(steps: dict[str, Any], **frame: Any) -> Report:
    """What is found in a workflow of these steps."""
    document = {"workflow": "story", "params": RUN_PARAMS, "steps": steps, **frame}
    return validate(document, SURROUNDINGS)


def errors(steps: dict[str, Any], **frame: Any) -> dict[str, str]:
    """The errors, by place: each a code and its words."""
    return {one.pointer: f"{one.code}: {one.detail}" for one in found(steps, **frame).errors}


def warnings(steps: dict[str, Any], **frame: Any) -> dict[str, str]:
    """The warnings likewise."""
    return {one.pointer: f"{one.code}: {one.detail}" for one in found(steps, **frame).warnings}


@pytest.fixture
def make() -> dict[str, Any]:
    """A step whose result others use."""
    return {"action": "make-user", "params": {"email": "${{ params.email }}"}}
