"""The shapes of what is answered, as components of the OpenAPI document. Floor 5.

`bodies` makes them. Every field of an object is always there.
"""

from typing import Final, get_args

from actions.api.shapes.building import (
    COUNT,
    EXECUTION_ID,
    RUN_ID,
    TEXT,
    TIME,
    TIME_OR_NULL,
    Shape,
    or_null,
    page_of,
    record,
    ref,
)
from actions.api.shapes.keeping import KEEPING
from actions.deeds import Deed
from actions.executions.waiting import Reason
from actions.keys import FOREVER
from actions.states import Effect, EventType, ExecutionStatus

_ID_OR_NULL: Final = or_null("string", pattern=EXECUTION_ID["pattern"])
_ACTOR: Final = record(
    "Who asked for it; the label as it was then.",
    {"type": TEXT, "id": or_null("string"), "label": TEXT},
)
_ERROR: Final[Shape] = {
    "description": "How the action failed, by its last attempt; null if it did not.",
    "oneOf": [
        {"type": "null"},
        record(
            "The failure of an action.",
            {
                "type": TEXT,
                "code": {
                    "type": "string",
                    "description": "For programs; the action's own, or ours.",
                },
                "message": TEXT,
                "retriable": {"type": "boolean"},
                "outcome": {
                    "enum": ["known", "unknown"],
                    "description": "Unknown: nobody can say whether the effect happened.",
                },
                "details": {},
                "attempt": COUNT,
            },
        ),
    ],
}

EXECUTION: Final = record(
    "One accepted request to run one action.",
    {
        "id": EXECUTION_ID,
        "object": {"const": "execution"},
        "action": TEXT,
        "version": {"type": "integer", "description": "Of the action's definition."},
        "status": {"enum": [str(status) for status in ExecutionStatus]},
        "params": {"type": "object", "description": "As sent, secrets masked."},
        "result": {"description": "What the action returned; null before that."},
        "error": _ERROR,
        "replayed": {
            "type": "boolean",
            "description": "Whether this answer is the stored outcome of an earlier request.",
        },
        "idempotency": record(
            "The key that stands for this request.",
            {
                "key": or_null("string"),
                "generation": or_null(
                    "integer", description="Which execution under this key, from 1."
                ),
                "expires_at": or_null(
                    "string",
                    format="date-time",
                    description="When the key is free again; null until it has ended, and for "
                    "a key that is kept for ever.",
                ),
            },
        ),
        "attempt": {"type": "integer", "minimum": 0, "description": "How many have begun."},
        "max_attempts": COUNT,
        "queued_at": TIME,
        "started_at": or_null("string", format="date-time", description="Of the first attempt."),
        "finished_at": TIME_OR_NULL,
        "duration_ms": or_null(
            "integer", minimum=0, description="From the first attempt's start to the end."
        ),
        "next_attempt_at": or_null(
            "string", format="date-time", description="While it is retrying."
        ),
        "actor": _ACTOR,
        "cause": record(
            "Why it exists: a request, the execution that it repeats, or its run.",
            {"type": {"enum": ["request", "retry", "rerun", "run"]}, "id": or_null("string")},
        ),
        "retry_of": _ID_OR_NULL,
        "rerun_of": _ID_OR_NULL,
        "run": or_null("string", pattern=RUN_ID["pattern"], description="Whose step it is."),
        "step": or_null("string", description="With the number of its element: `all[3]`."),
        "trace_id": or_null("string", description="Of the request's traceparent header."),
        "request_id": or_null("string", description="Of the request that was accepted."),
        "metadata": {"type": "object"},
        "links": record(
            "Addresses on this host.",
            dict.fromkeys(("self", "events", "waiting", "cancel", "rerun", "action"), TEXT),
        ),
    },
)

EVENT: Final = record(
    "One line of an execution's log.",
    {
        "object": {"const": "event"},
        "seq": {"type": "integer", "minimum": 1},
        "type": {"enum": [str(kind) for kind in EventType]},
        "at": TIME,
        "actor": _ACTOR,
        "attempt": or_null("integer"),
        "worker": or_null("string"),
        "request_id": or_null("string"),
        "data": {"type": "object"},
    },
)

AUDIT_EVENT: Final = record(
    "One thing that somebody did to the installation.",
    {
        "object": {"const": "audit_event"},
        "id": {"type": "integer", "minimum": 1},
        "verb": {"enum": [str(deed) for deed in Deed]},
        "at": TIME,
        "actor": _ACTOR,
        "object_kind": {"type": "string", "description": "What it was done to: an action, a key…"},
        "object_id": TEXT,
        "object_label": {"type": "string", "description": "Its name as it was then."},
        "request_id": or_null("string"),
        "data": {"type": "object", "description": "What there is to know of it."},
    },
)

WAITING: Final = record(
    "Why an execution is not running.",
    {
        "object": {"const": "waiting"},
        "reason": {
            "enum": [*get_args(Reason), None],
            "description": "For programs; null if it runs or has ended.",
        },
        "sentence": or_null("string", description="For people."),
        "needs_help": {"type": "boolean", "description": "Whether somebody has to do something."},
        "held_by": {"type": "array", "items": TEXT, "description": "What it waits for."},
    },
)

ACTION: Final = record(
    "One action of the catalogue, as its current version defines it.",
    {
        "object": {"const": "action"},
        "name": TEXT,
        "description": TEXT,
        "version": COUNT,
        "digest": {"type": "string", "description": "Of the definition and its code."},
        "origin": {"enum": ["code", "declarative"]},
        "enabled": {"type": "boolean"},
        "disabled_note": or_null("string"),
        "effect": {"enum": [str(effect) for effect in Effect]},
        "repeatable": {"type": "boolean"},
        "idempotency": {"enum": ["optional", "required", "derived"]},
        "key_retention": {
            "oneOf": [{"type": "integer", "minimum": 1}, {"const": FOREVER}, {"type": "null"}],
            "description": "Days that a key is remembered after its execution has ended; null for "
            "as many as this installation sets.",
        },
        "retry": {"type": "object"},
        "timeout_seconds": or_null("number"),
        "queue": TEXT,
        "priority": {"type": "integer", "description": "The higher goes first in its queue."},
        "limits": {
            "type": "array",
            "description": "How many attempts run at once, or begin in a time.",
            "items": record(
                "At most `allowed` at once, or `allowed` begun every `seconds`.",
                {
                    "kind": {"enum": ["concurrency", "rate"]},
                    "allowed": COUNT,
                    "seconds": or_null("number"),
                    "per": {"type": "array", "items": TEXT},
                },
            ),
        },
        "params_schema": {"description": "JSON Schema (2020-12)."},
        "result_schema": {"description": "JSON Schema (2020-12)."},
        "definition": {
            "type": ["object", "null"],
            "description": "The document of a declarative action; null for one in code.",
        },
        "links": record("Addresses on this host.", {"self": TEXT, "execute": TEXT}),
    },
)

PROBLEM: Final = record(
    "Why a request was refused (RFC 9457).",
    {
        "type": {"type": "string", "description": "The address of a page about this problem."},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and what to do."},
        "instance": TEXT,
        "code": {"type": "string", "description": "For programs; stable."},
        "request_id": TEXT,
        "retriable": {
            "type": "boolean",
            "description": "Whether the same request with the same key may succeed later.",
        },
        "errors": {
            "type": "array",
            "items": record(
                "One thing wrong at one place.",
                {
                    "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
                    "code": TEXT,
                    "detail": TEXT,
                },
            ),
        },
    },
)

_OF_A_REFUSAL = ("code", "detail", "retriable", "errors")

BATCH: Final = record(
    "What became of each request of a batch, in the order in which they were sent.",
    {
        "object": {"const": "batch"},
        "entries": {"type": "array", "items": ref("BatchEntry")},
    },
)

BATCH_ENTRY: Final = record(
    "One request of a batch: its execution, or why it was refused.",
    {
        "execution": {"oneOf": [{"type": "null"}, ref("Execution")]},
        "refusal": {
            "oneOf": [
                {"type": "null"},
                record(
                    "What the same request alone would have been refused with.",
                    {name: PROBLEM["properties"][name] for name in _OF_A_REFUSAL},
                ),
            ]
        },
    },
)

COMPONENTS: Final[dict[str, Shape]] = {
    "Action": ACTION,
    "ActionPage": page_of("Action"),
    "AuditEvent": AUDIT_EVENT,
    "AuditEventPage": page_of("AuditEvent", "audit event"),
    "Batch": BATCH,
    "BatchEntry": BATCH_ENTRY,
    "Event": EVENT,
    "EventPage": page_of("Event"),
    "Execution": EXECUTION,
    "ExecutionPage": page_of("Execution"),
    "Problem": PROBLEM,
    "Waiting": WAITING,
    **KEEPING,
}
