"""The shapes of request bodies about runs; each stands by itself. Floor 5."""

from typing import Any, Final, get_args

from actions.api.shapes.requests import EXECUTE, REASON, body
from workflows.runs.answer import Decision
from workflows.runs.reruns.verdicts import What

MAX_COMMENT: Final = 2_000
_KEY: Final = EXECUTE["properties"]["idempotency_key"]


START: Final = body(
    "A request to run a workflow.",
    {
        "params": {
            "type": "object",
            "default": {},
            "description": "What goes into the run; the workflow's params_schema says what fits.",
        },
        **{name: shape for name, shape in EXECUTE["properties"].items() if name != "params"},
    },
)
CANCEL: Final = body("A request to stop a run.", {"reason": REASON, "idempotency_key": _KEY})
PAUSE: Final = body("A request to begin no more steps.", {"note": REASON, "idempotency_key": _KEY})
RESUME: Final = body("A request to go on.", {"note": REASON, "idempotency_key": _KEY})
SEND: Final = body(
    "An event for a run.",
    {"payload": {"description": "What the event says."}, "idempotency_key": _KEY},
)
ANSWER: Final = body(
    "An answer to a question.",
    {
        "decision": {"enum": list(get_args(Decision))},
        "answer": {"type": "object", "description": "What the question's form asks for."},
        "comment": {"type": "string", "maxLength": MAX_COMMENT},
        "idempotency_key": _KEY,
    },
    ("decision",),
)
AGAIN: Final = body(
    "A request to try a failed step again.", {"reason": REASON, "idempotency_key": _KEY}
)
_RERUN: Final[dict[str, Any]] = {
    "what": {
        "enum": list(get_args(What)),
        "description": "From what has failed, from one step on, or all of it.",
    },
    "step": {"type": "string", "maxLength": 63, "description": "With `from_step`: from which."},
    "version": {
        "oneOf": [
            {"enum": ["original", "latest"]},
            {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        ],
        "default": "original",
        "description": "That of the run, the active one, or any by its number.",
    },
    "params": {"type": "object", "description": "Other params; leave out for the same ones."},
    "reason": REASON,
    "digest": {"type": "string", "maxLength": 64, "description": "Of the preview that you saw."},
    "idempotency_key": _KEY,
}
PREVIEW: Final = body("What is to be run again.", _RERUN, ("what",))
RERUN: Final = body("A re-run, as its preview has shown it.", _RERUN, ("what", "digest"))
