"""The document of a workflow: its JSON Schema (2020-12).

Floor 1, pure. What a schema cannot say (names that must exist, expressions, cycles) is checked in
`workflows.validation`. The order of the fields is the order in which a document is written.
"""

from workflows.definition.building import (
    ACTION,
    JSON_SCHEMA,
    KEY,
    MAX_STEPS,
    PARAMS,
    STEP_NAME,
    TEXT,
    WORKFLOW,
    Schema,
    name_of,
    record,
    seconds,
)
from workflows.definition.kinds import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

RUN: Schema = {
    "workflow": name_of("Its name"),
    "description": TEXT,
    "params": JSON_SCHEMA | {"description": "JSON Schema of the params of a run"},
    "on_failure": {
        "enum": ["stop", "continue"],
        "default": "stop",
        "description": "When a step has failed: start nothing new, or go on where nothing hinders",
    },
    "failure_handler": record(
        "What runs once when the run fails; error says which step, and why",
        {"action": ACTION, "workflow": WORKFLOW, "params": PARAMS},
    ),
    "compensate_after": {
        "type": "array",
        "uniqueItems": True,
        "items": {"enum": ["failed", "cancelled"]},
        "default": ["failed"],
        "description": "Runs that end so have their steps compensated, the last one first",
    },
    "timeout": seconds("For the whole run"),
    "concurrency_key": record(
        "Only so many runs at once",
        KEY
        | {
            "on_conflict": {
                "enum": ["queue", "cancel", "reject"],
                "default": "queue",
                "description": "No place is free: wait, cancel the oldest, or refuse the new run",
            }
        },
        required=("key",),
    ),
}
RESULT: Schema = {"description": "JSON with ${{ expressions }}: the result of a run"}
# Everything but the steps, which are checked one by one.
FRAME: Schema = record(
    "A composition of actions",
    {**RUN, "steps": {"type": "object", "minProperties": 1}, "result": RESULT},
    required=("workflow", "steps"),
)
SCHEMA: Schema = {
    "$schema": DIALECT,
    "title": "A workflow",
    **FRAME,
    "properties": {
        **RUN,
        "steps": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": MAX_STEPS,
            "propertyNames": {"pattern": STEP_NAME},
            "additionalProperties": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in KINDS]},
        },
        "result": RESULT,
    },
    "$defs": KINDS,
}
