"""The shapes of what an installation keeps besides executions: keys and secrets. Floor 5."""

from typing import Final

from actions.access import PERMISSIONS
from actions.api.shapes.building import (
    COUNT,
    TEXT,
    TIME,
    TIME_OR_NULL,
    Shape,
    or_null,
    page_of,
    record,
)
from actions.states import KeyKind

IDEMPOTENCY_KEY: Final = record(
    "What a caller's key stands for.",
    {
        "object": {"const": "idempotency_key"},
        "kind": {"enum": [str(kind) for kind in KeyKind]},
        "name": {
            "type": "string",
            "description": "Of the action or workflow, or the id that a command is to.",
        },
        "key": TEXT,
        "generation": {"type": "integer", "description": "Which one under this key, from 1."},
        "execution": or_null("string", description="Null if the key stands for a run."),
        "run": or_null("string", description="Null if the key stands for an execution."),
        "status": {"type": "string", "description": "Of that execution or run."},
        "hits": {"type": "integer", "minimum": 0, "description": "How often it was repeated."},
        "mismatches": {
            "type": "integer",
            "minimum": 0,
            "description": "How often it was refused because other params came with it.",
        },
        "created_at": TIME,
        "last_hit_at": TIME_OR_NULL,
        "expires_at": or_null(
            "string",
            format="date-time",
            description="Null until that has ended, and for a key that is kept for ever.",
        ),
    },
)

SECRET: Final = record(
    "A named value that actions may read; no call ever answers the value.",
    {
        "object": {"const": "secret"},
        "name": TEXT,
        "version": COUNT,
        "actions": {
            "type": "array",
            "items": TEXT,
            "description": "Patterns of the actions that may read it; empty for all.",
        },
        "created_at": TIME,
        "updated_at": TIME,
        "updated_by": TEXT,
    },
)

API_KEY: Final = record(
    "A program's credential.",
    {
        "object": {"const": "api_key"},
        "prefix": {"type": "string", "description": "The public part, by which it is named."},
        "name": TEXT,
        "scopes": {"type": "array", "items": {"enum": sorted(PERMISSIONS)}},
        "patterns": {
            "type": "array",
            "items": TEXT,
            "description": "Names of actions that it may touch; empty for all.",
        },
        "created_by": TEXT,
        "created_at": TIME,
        "expires_at": TIME_OR_NULL,
        "revoked_at": TIME_OR_NULL,
        "last_used_at": TIME_OR_NULL,
        "key": or_null("string", description="The key itself, once: in the answer to its making."),
    },
)

KEEPING: Final[dict[str, Shape]] = {
    "ApiKey": API_KEY,
    "ApiKeyPage": page_of("ApiKey", "API key"),
    "IdempotencyKey": IDEMPOTENCY_KEY,
    "Secret": SECRET,
    "SecretPage": page_of("Secret"),
}
