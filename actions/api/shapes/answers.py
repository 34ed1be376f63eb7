"""The shapes of what is answered, as components of the OpenAPI document. Floor 5.

`bodies` makes them. Every field of an object is always there.
"""

from typing import Any, Final, get_args

from actions.deeds import Deed
from actions.executions.waiting import Reason
from actions.states import Effect, EventType, ExecutionStatus

Shape = dict[str, Any]


def ref(name: str) -> Shape:
    """A reference to the component of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _record(description: str, fields: dict[str, Shape]) -> Shape:
    """An object that has exactly these fields."""
    return {
        "type": "object",
        "description": description,
        "required": list(fields),
        "additionalProperties": False,
        "properties": fields,
    }


def _or_null(kind: str, **more: Any) -> Shape:
    return {"type": [kind, "null"], **more}


def _page_of(name: str, words: str = "") -> Shape:
    return _record(
        f"One page of a list of {words or name.lower()}s.",
        {
            "object": {"const": "list"},
            "entries": {"type": "array", "items": ref(name)},
            "next_cursor": _or_null(
                "string", description="Send it as `cursor` for the next page; null on the last."
            ),
        },
    )


_TEXT: Final[Shape] = {"type": "string"}
_COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
_TIME: Final[Shape] = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Final = _or_null("string", format="date-time")
_ID: Final[Shape] = {"type": "string", "pattern": "^exec_[0-9a-hjkmnp-tv-z]{26}$"}
_ID_OR_NULL: Final = _or_null("string", pattern=_ID["pattern"])
_ACTOR: Final = _record(
    "Who asked for it; the label as it was then.",
    {"type": _TEXT, "id": _or_null("string"), "label": _TEXT},
)
_ERROR: Final[Shape] = {
    "description": "How the action failed, by its last attempt; null if it did not.",
    "oneOf": [
        {"type": "null"},
        _record(
            "The failure of an action.",
            {
                "type": _TEXT,
                "code": {
                    "type": "string",
                    "description": "For programs; the action's own, or ours.",
                },
                "message": _TEXT,
                "retriable": {"type": "boolean"},
                "outcome": {
                    "enum": ["known", "unknown"],
                    "description": "Unknown: nobody can say whether the effect happened.",
                },
                "details": {},
                "attempt": _COUNT,
            },
        ),
    ],
}

EXECUTION: Final = _record(
    "One accepted request to run one action.",
    {
        "id": _ID,
        "object": {"const": "execution"},
        "action": _TEXT,
        "version": {"type": "integer", "description": "Of the action's definition."},
        "status": {"enum": [str(status) for status in ExecutionStatus]},
        "params": {"type": "object", "description": "As sent, secrets masked."},
        "result": {"description": "What the action returned; null before that."},
        "error": _ERROR,
        "replayed": {
            "type": "boolean",
            "description": "Whether this answer is the stored outcome of an earlier request.",
        },
        "idempotency": _record(
            "The key that stands for this request.",
            {
                "key": _or_null("string"),
                "generation": _or_null(
                    "integer", description="Which execution under this key, from 1."
                ),
                "expires_at": _or_null(
                    "string",
                    format="date-time",
                    description="When the key is free again; null until it has ended.",
                ),
            },
        ),
        "attempt": {"type": "integer", "minimum": 0, "description": "How many have begun."},
        "max_attempts": _COUNT,
        "queued_at": _TIME,
        "started_at": _or_null("string", format="date-time", description="Of the first attempt."),
        "finished_at": _TIME_OR_NULL,
        "duration_ms": _or_null(
            "integer", minimum=0, description="From the first attempt's start to the end."
        ),
        "next_attempt_at": _or_null(
            "string", format="date-time", description="While it is retrying."
        ),
        "actor": _ACTOR,
        "cause": _record(
            "Why it exists: a request, or the execution that it repeats.",
            {"type": {"enum": ["request", "retry", "rerun"]}, "id": _or_null("string")},
        ),
        "retry_of": _ID_OR_NULL,
        "rerun_of": _ID_OR_NULL,
        "run": {"type": "null"},
        "step": {"type": "null"},
        "trace_id": _or_null("string", description="Of the request's traceparent header."),
        "request_id": _or_null("string", description="Of the request that was accepted."),
        "metadata": {"type": "object"},
        "links": _record(
            "Addresses on this host.",
            dict.fromkeys(("self", "events", "waiting", "cancel", "rerun", "action"), _TEXT),
        ),
    },
)

EVENT: Final = _record(
    "One line of an execution's log.",
    {
        "object": {"const": "event"},
        "seq": {"type": "integer", "minimum": 1},
        "type": {"enum": [str(kind) for kind in EventType]},
        "at": _TIME,
        "actor": _ACTOR,
        "attempt": _or_null("integer"),
        "worker": _or_null("string"),
        "request_id": _or_null("string"),
        "data": {"type": "object"},
    },
)

AUDIT_EVENT: Final = _record(
    "One thing that somebody did to the installation.",
    {
        "object": {"const": "audit_event"},
        "id": {"type": "integer", "minimum": 1},
        "verb": {"enum": [str(deed) for deed in Deed]},
        "at": _TIME,
        "actor": _ACTOR,
        "object_kind": {"type": "string", "description": "What it was done to: an action, a key…"},
        "object_id": _TEXT,
        "object_label": {"type": "string", "description": "Its name as it was then."},
        "request_id": _or_null("string"),
        "data": {"type": "object", "description": "What there is to know of it."},
    },
)

WAITING: Final = _record(
    "Why an execution is not running.",
    {
        "object": {"const": "waiting"},
        "reason": {
            "enum": [*get_args(Reason), None],
            "description": "For programs; null if it runs or has ended.",
        },
        "sentence": _or_null("string", description="For people."),
        "needs_help": {"type": "boolean", "description": "Whether somebody has to do something."},
        "held_by": {"type": "array", "items": _TEXT, "description": "What it waits for."},
    },
)

ACTION: Final = _record(
    "One action of the catalogue, as its current version defines it.",
    {
        "object": {"const": "action"},
        "name": _TEXT,
        "description": _TEXT,
        "version": _COUNT,
        "digest": {"type": "string", "description": "Of the definition and its code."},
        "origin": {"enum": ["code", "declarative"]},
        "enabled": {"type": "boolean"},
        "disabled_note": _or_null("string"),
        "effect": {"enum": [str(effect) for effect in Effect]},
        "repeatable": {"type": "boolean"},
        "idempotency": {"enum": ["optional", "required", "derived"]},
        "retry": {"type": "object"},
        "timeout_seconds": _or_null("number"),
        "queue": _TEXT,
        "priority": {"type": "integer", "description": "The higher goes first in its queue."},
        "limits": {
            "type": "array",
            "description": "How many attempts run at once, or begin in a time.",
            "items": _record(
                "At most `allowed` at once, or `allowed` begun every `seconds`.",
                {
                    "kind": {"enum": ["concurrency", "rate"]},
                    "allowed": _COUNT,
                    "seconds": _or_null("number"),
                    "per": {"type": "array", "items": _TEXT},
                },
            ),
        },
        "params_schema": {"description": "JSON Schema (2020-12)."},
        "result_schema": {"description": "JSON Schema (2020-12)."},
        "links": _record("Addresses on this host.", {"self": _TEXT, "execute": _TEXT}),
    },
)

PROBLEM: Final = _record(
    "Why a request was refused (RFC 9457).",
    {
        "type": {"type": "string", "description": "The address of a page about this problem."},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and what to do."},
        "instance": _TEXT,
        "code": {"type": "string", "description": "For programs; stable."},
        "request_id": _TEXT,
        "retriable": {
            "type": "boolean",
            "description": "Whether the same request with the same key may succeed later.",
        },
        "errors": {
            "type": "array",
            "items": _record(
                "One thing wrong at one place.",
                {
                    "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
                    "code": _TEXT,
                    "detail": _TEXT,
                },
            ),
        },
    },
)

COMPONENTS: Final[dict[str, Shape]] = {
    "Action": ACTION,
    "ActionPage": _page_of("Action"),
    "AuditEvent": AUDIT_EVENT,
    "AuditEventPage": _page_of("AuditEvent", "audit event"),
    "Event": EVENT,
    "EventPage": _page_of("Event"),
    "Execution": EXECUTION,
    "ExecutionPage": _page_of("Execution"),
    "Problem": PROBLEM,
    "Waiting": WAITING,
}
