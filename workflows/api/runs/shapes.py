"""The shapes of what is answered about runs. Floor 5.

`bodies` makes the answers. Every field of an object is always there.
"""

from typing import Any, Final, get_args

from actions.api.shapes.answers import EXECUTION
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
from workflows.api.runs.links import COMMANDS
from workflows.definition import StepKind
from workflows.runs.reruns import Verdict
from workflows.runs.reruns.verdicts import What
from workflows.states import SHOWN_STATUSES, RunEventType, RunStatus

_RUN_OR_NULL: Final = or_null("string", pattern=RUN_ID["pattern"])
_EXECUTION_OR_NULL: Final = or_null("string", pattern=EXECUTION_ID["pattern"])
_ACTOR: Final[Shape] = EXECUTION["properties"]["actor"]
_OF_ERROR: Final[dict[str, Shape]] = {
    "attempt": or_null("integer"),
    "code": or_null("string", description="For programs."),
    "message": or_null("string"),
}


def _error(description: str, more: dict[str, Shape]) -> Shape:
    return {
        "description": f"{description}; null if it did not.",
        "oneOf": [{"type": "null"}, record(f"{description}.", more | _OF_ERROR)],
    }


_RUN: Final[dict[str, Shape]] = {
    "id": RUN_ID,
    "workflow": TEXT,
    "version": COUNT | {"description": "Of the workflow; a run ends in that with which it began."},
    "status": {"enum": [str(status) for status in RunStatus]},
    "reason": or_null("string", description="Why it does not go on, or `in_progress`."),
    "params": {"description": "With the defaults of the schema, secrets masked."},
    "result": {"description": "What the workflow's result says; null before that."},
    "error": _error("Why the run failed, and what was not undone", {"step": or_null("string")}),
    "queued_at": TIME,
    "started_at": TIME_OR_NULL,
    "finished_at": TIME_OR_NULL,
    "paused_at": TIME_OR_NULL,
    "cancel_requested_at": TIME_OR_NULL,
    "actor": _ACTOR,
    "rerun_of": _RUN_OR_NULL,
    "rerun": or_null("object", description="What was asked of a re-run: what, step, reason."),
    "parent": or_null(
        "string", pattern=RUN_ID["pattern"], description="The run of which it is a step."
    ),
    "trace_id": or_null("string"),
    "request_id": or_null("string"),
    "metadata": {"type": "object"},
    "revision": COUNT | {"description": "Rises with every change of the run and its steps."},
    "links": record(
        "Addresses on this host.",
        dict.fromkeys(
            (
                "self",
                "events",
                "waiting",
                *(name.replace("-", "_") for name in COMMANDS),
                "workflow",
            ),
            TEXT,
        ),
    ),
}
_ELEMENTS: Final[Shape] = {
    "description": "How many elements a map has; null for any other step.",
    "oneOf": [
        {"type": "null"},
        record("Counts of elements.", dict.fromkeys(("whole", "passed", "failed"), COUNT)),
    ],
}
_STEP: Final = record(
    "One step of a run.",
    {
        "name": TEXT,
        "kind": {"enum": [str(kind) for kind in StepKind]},
        "status": {"enum": [str(status) for status in SHOWN_STATUSES]},
        "reason": or_null("string", description="Why it does not go on."),
        "optional": {"type": "boolean", "description": "Whether the run goes on if it fails."},
        "generation": COUNT | {"description": "Rises when it is tried again by request."},
        "execution": _EXECUTION_OR_NULL,
        "run": or_null(
            "string",
            pattern=RUN_ID["pattern"],
            description="Its sub-run, or the one whose result it has.",
        ),
        "reused_from": or_null(
            "string",
            pattern=EXECUTION_ID["pattern"],
            description="The execution of an earlier run whose result it has.",
        ),
        "reused_from_run": or_null(
            "string",
            pattern=RUN_ID["pattern"],
            description="The earlier run in which it succeeded, whose result it has.",
        ),
        "elements": _ELEMENTS,
        "question": or_null("string", description="What an approval asks."),
        "error": _error("Why the step failed", {}),
        "started_at": TIME_OR_NULL,
        "finished_at": TIME_OR_NULL,
    },
)
_EVENT: Final = record(
    "One line of a run's log.",
    {
        "object": {"const": "run_event"},
        "seq": {"type": "integer", "minimum": 1},
        "type": {"enum": [str(kind) for kind in RunEventType]},
        "at": TIME,
        "step": or_null("string", description="With the number of its element: `all[3]`."),
        "actor": _ACTOR,
        "request_id": or_null("string"),
        "data": {"type": "object"},
    },
)
_PARAM_CHANGE: Final = record(
    "A param, or a part of one, that is not as in the old run; secrets are masked.",
    {
        "pointer": TEXT | {"description": "Where it stands in the params, a JSON pointer."},
        "kind": {"enum": ["added", "removed", "changed"]},
        "before": {"description": "Null if it was not there."},
        "after": {"description": "Null if it is not there any more."},
    },
)
_VERDICT: Final = record(
    "What a re-run would do with one step.",
    {
        "name": TEXT,
        "verdict": {"enum": [str(verdict) for verdict in Verdict]},
        "why": TEXT,
        "effect": or_null("string"),
        "source": or_null(
            "string",
            pattern=EXECUTION_ID["pattern"],
            description="The execution whose result is reused.",
        ),
        "source_run": or_null(
            "string",
            pattern=RUN_ID["pattern"],
            description="The sub-run whose result is reused, or else the run in which it succeeded.",
        ),
        "ended_at": TIME_OR_NULL,
        "params": {"description": "What it will be called with, masked; null if not known yet."},
        "conditional": {
            "type": "boolean",
            "description": "Whether it waits for what is executed: it may not begin, or be skipped.",
        },
        "repeats": {"type": "boolean", "description": "Whether its action has been called before."},
        "elements": COUNT,
        "reused_elements": COUNT,
        "kept_keys": COUNT
        | {
            "description": "How many calls send the key of an earlier one, of which nobody knows "
            "whether it had its effect."
        },
    },
)

COMPONENTS: Final[dict[str, Shape]] = {
    "Run": record(
        "One pass through one version of a workflow.",
        {
            "object": {"const": "run"},
            **_RUN,
            "replayed": EXECUTION["properties"]["replayed"],
            "idempotency": EXECUTION["properties"]["idempotency"],
            "steps": {"type": "array", "items": ref("RunStep")},
            "reruns": {
                "type": "array",
                "items": RUN_ID,
                "description": "The newest twenty runs that were made of it.",
            },
        },
    ),
    "RunEntry": record(
        "One run, as it is listed: without its steps.", {"object": {"const": "run_entry"}, **_RUN}
    ),
    "RunPage": page_of("RunEntry", "run"),
    "RunStep": _STEP,
    "RunWaiting": record(
        "Why a run does not go on.",
        {
            "object": {"const": "run_waiting"},
            "reason": or_null(
                "string", description="For programs; null if it goes on or has ended."
            ),
            "sentence": or_null("string", description="For people."),
            "step": or_null("string", description="The step that waits; null if the run does."),
            "run": or_null(
                "string", description="The sub-run, at any depth, in which the cause is; else null."
            ),
            "needs_help": {
                "type": "boolean",
                "description": "Whether somebody has to do something.",
            },
            "held_by": {
                "type": "array",
                "items": TEXT,
                "description": "The runs or executions that it waits for.",
            },
        },
    ),
    "RunEvent": _EVENT,
    "RunEventPage": page_of("RunEvent", "event"),
    "RerunStep": _VERDICT,
    "RerunPreview": record(
        "What a re-run would do with each step.",
        {
            "object": {"const": "rerun_preview"},
            "run": RUN_ID,
            "what": {"enum": list(get_args(What))},
            "step": or_null("string"),
            "version": COUNT,
            "needs_reason": {"type": "boolean", "description": "Whether a re-run must say why."},
            "param_changes": {
                "type": "array",
                "items": _PARAM_CHANGE,
                "description": "What is not as in the old run; at most the first hundred.",
            },
            "superseded_by": or_null(
                "string",
                pattern=RUN_ID["pattern"],
                description="The last run that was made of it already.",
            ),
            "steps": {"type": "array", "items": ref("RerunStep")},
            "digest": {"type": "string", "description": "What a confirmation sends."},
        },
    ),
}


def add_shapes(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add the components to the generated OpenAPI document."""
    result["components"].setdefault("schemas", {}).update(COMPONENTS)
    return result
