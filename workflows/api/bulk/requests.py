"""The shapes of request bodies about bulk re-runs; each stands by itself. Floor 5."""

from typing import Any, Final, get_args

from actions.api.shapes.requests import EXECUTE, REASON, body
from workflows import filters
from workflows.runs.bulk import MAX_SPACING_SECONDS
from workflows.runs.bulk.wish import VersionOfMany, WhatOfMany

_TEXT: Final = {"type": "string", "maxLength": 255}
_LIST: Final = {"type": "array", "items": _TEXT, "maxItems": 100}
# A preview answers every filter as a list, and what it answers may be sent.
_ONE: Final = {"anyOf": [_TEXT, _LIST | {"minItems": 1, "maxItems": 1}]}
_FILTERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Which runs, by the filters of the list of runs; `until` is now if left out.",
    "additionalProperties": False,
    "properties": {
        name: _LIST if name in filters.LISTS else _ONE for name in sorted(filters.NAMES)
    },
}


PREVIEW: Final = body("Which runs are to be counted.", {"filters": _FILTERS})
STOP: Final = body("A request to begin no more runs.", {"reason": REASON})
START: Final = body(
    "A request to run many ended runs again.",
    {
        "filters": _FILTERS,
        "what": {
            "enum": list(get_args(WhatOfMany)),
            "description": "From what has failed, or all.",
        },
        "version": {
            "enum": list(get_args(VersionOfMany)),
            "default": "original",
            "description": "That of each run, or the active one of its workflow.",
        },
        "expected_count": {
            "type": "integer",
            "minimum": 1,
            "description": "How many runs you have seen; with another number nothing starts.",
        },
        "reason": REASON | {"minLength": 1},
        "spacing_seconds": {
            "type": "number",
            "minimum": 0,
            "maximum": MAX_SPACING_SECONDS,
            "default": 1,
            "description": "The time between two beginnings; with 0 ten begin at once.",
        },
        "idempotency_key": EXECUTE["properties"]["idempotency_key"],
    },
    ("filters", "what", "expected_count", "reason"),
)
