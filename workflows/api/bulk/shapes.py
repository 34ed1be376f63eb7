"""The shapes of what is answered about bulk re-runs. Floor 5.

`bodies` makes the answers. Every field of an object is always there.
"""

from typing import Any, Final, get_args

from actions.api.shapes.answers import EXECUTION
from actions.api.shapes.building import (
    BULK_ID,
    COUNT,
    RUN_ID,
    TEXT,
    TIME,
    TIME_OR_NULL,
    Shape,
    or_null,
    page_of,
    record,
)
from workflows.runs.bulk.wish import VersionOfMany, WhatOfMany

_FILTERS: Final[Shape] = {
    "type": "object",
    "description": "The filters that choose the runs, each with its values.",
    "additionalProperties": {"type": "array", "items": TEXT},
}
_PROGRESS: Final = record(
    "How many of the chosen runs stand how.",
    {
        "left_over": COUNT | {"description": "Not begun; after a stop they never will be."},
        "skipped": COUNT | {"description": "Not begun, for the reason that is listed."},
        "going_on": COUNT | {"description": "Whose re-run has not ended."},
        "succeeded": COUNT | {"description": "Whose re-run has."},
        "failed": COUNT,
        "cancelled": COUNT,
    },
)
COMPONENTS: Final[dict[str, Shape]] = {
    "BulkRerunPreview": record(
        "What a bulk re-run with some filters would take.",
        {
            "object": {"const": "bulk_rerun_preview"},
            "count": COUNT | {"description": "How many runs; no further than one above `limit`."},
            "limit": COUNT | {"description": "How many runs one bulk re-run takes."},
            "filters": _FILTERS,
        },
    ),
    "BulkRerun": record(
        "A request to run many ended runs again, and how far it has come.",
        {
            "object": {"const": "bulk_rerun"},
            "id": BULK_ID,
            "status": {"enum": ["running", "finished", "stopped"]},
            "filters": _FILTERS,
            "what": {"enum": list(get_args(WhatOfMany))},
            "version": {"enum": list(get_args(VersionOfMany))},
            "reason": TEXT,
            "spacing_seconds": {"type": "number"},
            "workflows": {"type": "array", "items": TEXT},
            "count": COUNT | {"description": "How many runs were chosen."},
            "progress": _PROGRESS,
            "actor": EXECUTION["properties"]["actor"],
            "request_id": or_null("string"),
            "created_at": TIME,
            "finished_at": TIME_OR_NULL | {"description": "When nothing was left to begin."},
            "stopped_at": TIME_OR_NULL,
            "stopped_by": or_null("string"),
            "replayed": EXECUTION["properties"]["replayed"],
            "links": record(
                "Addresses on this host.", dict.fromkeys(("self", "runs", "stop"), TEXT)
            ),
        },
    ),
    "BulkRerunPage": page_of("BulkRerun", "bulk re-run"),
    "BulkRerunEntry": record(
        "One run that was chosen, and what has become of it.",
        {
            "object": {"const": "bulk_rerun_entry"},
            "position": COUNT,
            "run": RUN_ID,
            "status": {"type": "string", "description": "`left_over`, `skipped`, or its re-run's."},
            "new_run": or_null("string", pattern=RUN_ID["pattern"], description="Its re-run."),
            "why": or_null("string", description="Why it was skipped."),
            "taken_at": TIME_OR_NULL,
        },
    ),
    "BulkRerunEntryPage": page_of("BulkRerunEntry", "chosen run"),
}


def add_shapes(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add the components to the generated OpenAPI document."""
    result["components"].setdefault("schemas", {}).update(COMPONENTS)
    return result
