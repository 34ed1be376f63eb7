"""The shapes of request bodies; each stands by itself. Floor 5."""

from typing import Any, Final

from actions.access import PERMISSIONS

REASON: Final = {
    "type": "string",
    "maxLength": 500,
    "description": "Why, for the record.",
}


def body(
    description: str, properties: dict[str, Any], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The shape of a body that is an object with these members and no others."""
    whole = {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "properties": properties,
    }
    return whole | ({"required": list(required)} if required else {})


EXECUTE: Final[dict[str, Any]] = body(
    "A request to run an action.",
    {
        "params": {
            "type": "object",
            "default": {},
            "description": "What goes into the action; its params_schema says what fits.",
        },
        "idempotency_key": {
            "type": "string",
            "description": "Your name for this request; the Idempotency-Key header does the same, "
            "and a quote at its beginning means the same in both.",
        },
        "on_conflict": {
            "enum": ["attach", "fail"],
            "default": "attach",
            "description": "If the key's execution has not ended: wait for it, or be refused.",
        },
        "on_failed": {
            "enum": ["replay", "retry"],
            "default": "replay",
            "description": "If the key's execution has failed: answer that, or execute once more.",
        },
        "allow_unknown_outcome": {
            "type": "boolean",
            "default": False,
            "description": "Retry even if nobody knows whether the failed one had its effect.",
        },
        "metadata": {
            "type": "object",
            "default": {},
            "description": "Your own notes; kept and answered, otherwise ignored.",
        },
    },
)

CANCEL: Final[dict[str, Any]] = body(
    "A request to stop an execution.",
    {
        "reason": REASON,
        "idempotency_key": EXECUTE["properties"]["idempotency_key"],
    },
)

RERUN: Final[dict[str, Any]] = body(
    "A request to run an ended execution again.",
    {
        "reason": REASON,
        "params": {
            "type": "object",
            "description": "Other params than the first time; leave out for the same ones.",
        },
        "idempotency_key": EXECUTE["properties"]["idempotency_key"],
    },
)

BATCH: Final[dict[str, Any]] = body(
    "Up to 100 requests to run actions.",
    {
        "executions": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                **EXECUTE,
                "required": ["action"],
                "properties": {
                    "action": {"type": "string", "maxLength": 100, "description": "Its name."},
                    **EXECUTE["properties"],
                },
            },
        }
    },
    ("executions",),
)

RELEASE: Final[dict[str, Any]] = body("A request to free a key.", {"reason": REASON})

SET_SECRET: Final[dict[str, Any]] = body(
    "A new value for a secret.",
    {
        "value": {"type": "string", "writeOnly": True, "description": "1 to 65,536 bytes."},
        "actions": {
            "type": "array",
            "maxItems": 50,
            "items": {"type": "string", "maxLength": 200},
            "description": "Patterns of the actions that may read it; left out, they stay.",
        },
    },
    ("value",),
)

DISABLE: Final[dict[str, Any]] = body(
    "A request to take no new executions of an action.",
    {
        "note": {
            "type": "string",
            "maxLength": 500,
            "description": "Why, for the record and for whoever is refused.",
        },
    },
)

ENABLE: Final[dict[str, Any]] = body("A request to take executions of an action again.", {})

MAKE_KEY: Final[dict[str, Any]] = body(
    "What a new API key is to be.",
    {
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "description": "What it is for, as the record will show it.",
        },
        "scopes": {
            "type": "array",
            "minItems": 1,
            "items": {"enum": sorted(PERMISSIONS)},
            "description": "What it may do; no more than you.",
        },
        "patterns": {
            "type": "array",
            "maxItems": 50,
            "items": {"type": "string", "maxLength": 200},
            "description": "Names of actions that it may touch, such as invoice-*; all if none.",
        },
        "expires_at": {"type": "string", "format": "date-time", "description": "Never if absent."},
    },
    (
        "name",
        "scopes",
    ),
)
