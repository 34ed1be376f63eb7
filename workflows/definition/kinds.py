"""The kinds of steps: for each its JSON Schema.

Floor 1, pure. A step's kind is told by the one field that bears its name.
"""

from actions.policy import (
    MAX_ATTEMPTS,
    MAX_BUDGET_SECONDS,
    MAX_DELAY_SECONDS,
    MAX_PATTERN,
    MAX_RULES,
)
from actions.registry import MAX_PRIORITY, MAX_TIMEOUT_SECONDS
from workflows.definition.building import (
    ACTION,
    JSON_SCHEMA,
    KEY,
    PARAMS,
    TEXT,
    WORKFLOW,
    Schema,
    expression,
    name_of,
    names,
    record,
    seconds,
    steps,
)

DEFAULT_ROLES = ("operator", "editor", "admin")
MAX_CASES = 100
MAX_ITEMS = 10_000

_RULE = record(
    "What to do about some errors; the first that matches decides",
    {
        "on": {"type": "string", "minLength": 1, "maxLength": MAX_PATTERN},
        "do": {"enum": ["retry", "fail"]},
        "delay_seconds": {"type": "number", "minimum": 0, "maximum": MAX_DELAY_SECONDS},
    },
    required=("on", "do"),
)
_RETRY = record(
    "Instead of the action's own policy",
    {
        "max_attempts": {"type": "integer", "minimum": 1, "maximum": MAX_ATTEMPTS},
        "backoff": {"enum": ["fixed", "linear", "exponential"]},
        "delay_seconds": {"type": "number", "minimum": 0, "maximum": MAX_DELAY_SECONDS},
        "max_delay_seconds": {"type": "number", "minimum": 0, "maximum": MAX_DELAY_SECONDS},
        "jitter": {"enum": ["full", "none"]},
        "budget_seconds": {"type": "number", "minimum": 0, "maximum": MAX_BUDGET_SECONDS},
        "rules": {"type": "array", "maxItems": MAX_RULES, "items": _RULE},
    },
)
_ON_TIMEOUT = {
    "enum": ["fail", "continue"],
    "default": "fail",
    "description": "Past the timeout: fail, or succeed with a result that says so",
}
_CASE = record(
    "Where to go if it is true",
    {"when": expression("a condition"), "then": steps("What comes next")},
    required=("when", "then"),
)

# What a step does, by the field that makes it of that kind, and the fields that go with it.
_DOES: dict[str, Schema] = {
    "action": {"action": ACTION, "params": PARAMS},
    "map": {
        "map": record(
            "One execution, or one run, for each element of a list",
            {
                "over": expression("a list"),
                "item_key": expression("what an element is called by; tells them apart later"),
                "action": ACTION,
                "workflow": WORKFLOW,
                "params": PARAMS,
                "concurrency": {"type": "integer", "minimum": 1, "maximum": MAX_ITEMS},
                "tolerated_failures": {"type": "integer", "minimum": 0, "maximum": MAX_ITEMS},
            },
            required=("over",),
        )
    },
    "workflow": {"workflow": WORKFLOW, "params": PARAMS},
    "wait": {
        "wait": record(
            "Let time pass: one of the two",
            {
                "for": {
                    "anyOf": [
                        seconds("So long"),
                        expression("seconds, as a number"),
                    ]
                },
                "until": expression("a time, as text (RFC 3339)"),
            },
        )
    },
    "approval": {
        "approval": record(
            "Ask somebody",
            {
                "message": TEXT | {"description": "What is asked, with ${{ expressions }}"},
                "form": JSON_SCHEMA | {"description": "JSON Schema of what else is asked for"},
                "roles": names("Who may answer"),
                "users": names("Who else may answer"),
                "on_rejected": {
                    "enum": ["fail", "continue"],
                    "default": "fail",
                    "description": "Rejected: fail, or succeed with a result that says so",
                },
                "on_timeout": _ON_TIMEOUT,
            },
            required=("message",),
        )
    },
    "event": {
        "event": record(
            "Wait until somebody sends a named event to the run",
            {
                "name": name_of("The event"),
                "payload": JSON_SCHEMA | {"description": "JSON Schema of what comes with it"},
                "on_timeout": _ON_TIMEOUT,
            },
            required=("name",),
        )
    },
    "switch": {
        "switch": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_CASES,
            "items": _CASE,
            "description": "The first case that is true is taken; the steps named come after this",
        },
        "otherwise": steps("What comes next if no case is true; may be empty"),
    },
}
_REQUIRED = {"switch": ("switch", "otherwise")}
_OF_EACH: Schema = {
    "description": TEXT,
    "after": steps("What it waits for"),
    "join": {
        "enum": ["all", "any"],
        "default": "all",
        "description": "Wait for all of them, or for the first that succeeds",
    },
    "when": expression("a condition; if it is false, the step is skipped"),
    "optional": {
        "type": "boolean",
        "default": False,
        "description": "Whether the run goes on as if it had succeeded when it fails",
    },
}
_OF_SOME: Schema = {
    "timeout": seconds("For one attempt of an action, for the whole of any other step"),
    "retry": _RETRY,
    "idempotency_key": expression("text, instead of the key that follows from run and step"),
    "priority": {
        "anyOf": [
            {"type": "integer", "minimum": -MAX_PRIORITY, "maximum": MAX_PRIORITY},
            expression("a whole number"),
        ],
        "description": "The higher goes first in its queue",
    },
    "concurrency_key": record("Only so many steps at once", KEY, required=("key",)),
    "compensate": record(
        "What undoes the step, once it has succeeded and the run has not",
        {"action": ACTION, "params": PARAMS},
        required=("action",),
    ),
}
_SETTINGS: dict[str, tuple[str, ...]] = {
    "action": tuple(_OF_SOME),
    "map": ("timeout", "retry", "idempotency_key", "priority", "concurrency_key"),
    "workflow": ("timeout", "idempotency_key", "priority", "compensate"),
    "wait": (),
    "approval": ("timeout",),
    "event": ("timeout",),
    "switch": (),
}


def _kind(name: str) -> Schema:
    settings = {setting: _OF_SOME[setting] for setting in _SETTINGS[name]}
    if name == "map":
        settings["timeout"] = seconds("For each element")
    if name == "action":
        settings["timeout"] = seconds("For one attempt", maximum=MAX_TIMEOUT_SECONDS)
    described = {"description": _OF_EACH["description"]}
    does = record(
        f"A step of the kind {name}",
        described | _DOES[name] | _OF_EACH | settings,
        required=_REQUIRED.get(name, (name,)),
    )
    return {"title": name} | does


KINDS: dict[str, Schema] = {name: _kind(name) for name in _DOES}
