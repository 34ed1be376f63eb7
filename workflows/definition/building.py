"""What the document's schema is built of.

Floor 1, pure.
"""

from typing import Any

from actions.declarative.document import EXPRESSION

NAME = "^[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*$"
STEP_NAME = "^[a-z][a-z0-9_]{0,62}$"
MAX_NAME = 100
MAX_STEPS = 10_000
MAX_WAIT_SECONDS = 31_622_400

Schema = dict[str, Any]


def record(description: str, properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """An object that has no other members than these."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def name_of(description: str) -> Schema:
    """The name of an action, a workflow or an event."""
    return {"type": "string", "pattern": NAME, "maxLength": MAX_NAME, "description": description}


def steps(description: str) -> Schema:
    """A list of names of steps."""
    return {
        "type": "array",
        "maxItems": MAX_STEPS,
        "items": {"type": "string", "pattern": STEP_NAME},
        "description": description,
    }


def seconds(description: str, *, maximum: float = MAX_WAIT_SECONDS) -> Schema:
    """A time span above zero."""
    return {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": maximum,
        "description": f"{description}, in seconds",
    }


def expression(description: str) -> Schema:
    """An expression in CEL."""
    return EXPRESSION | {"description": f"CEL: {description}"}


def names(description: str) -> Schema:
    """A list of names of people or roles."""
    return {
        "type": "array",
        "maxItems": 50,
        "items": {"type": "string", "minLength": 1, "maxLength": 150},
        "description": description,
    }


TEXT = {"type": "string", "maxLength": 10_000}
PARAMS = {"type": "object", "description": "JSON with ${{ expressions }} in its texts"}
JSON_SCHEMA = {"type": "object", "format": "json-schema", "description": "JSON Schema (2020-12)"}
_PLACES = {
    "type": "integer",
    "minimum": 1,
    "maximum": 1_000_000,
    "default": 1,
    "description": "How many may hold it at once",
}
KEY = {"key": expression("text; who has the same text shares the places"), "limit": _PLACES}
ACTION = name_of("An action of the catalogue")
WORKFLOW = name_of("Another workflow; its active version when the run comes there")
