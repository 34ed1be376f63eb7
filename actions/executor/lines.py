"""The lines that an action wrote, as they may be stored.

Floor 3. Masked, bounded and JSON, whatever the action passed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from actions import canonical, masking
from actions.context import MAX_LOG_MESSAGE, LogEntry
from actions.executor.failures import text_of
from actions.jsontypes import JSON, JSONObject

MAX_LOG_FIELDS = 8_192


def storable(entries: Iterable[LogEntry], *, secrets: Sequence[str]) -> list[LogEntry]:
    """The same lines without secrets and without what the database refuses."""
    return [
        replace(
            entry,
            message=text_of(entry.message, secrets=secrets, limit=MAX_LOG_MESSAGE),
            fields=cast(
                "JSONObject",
                storable_value(entry.fields, secrets=secrets) if entry.fields else {},
            ),
        )
        for entry in entries
    ]


def storable_value(value: object, *, secrets: Sequence[str]) -> JSON:
    """A value that an action reported, masked and bounded; what cannot be stored is said."""
    try:
        plain = json.loads(json.dumps(value, default=_shown, skipkeys=True))
    except (ValueError, RecursionError) as wrong:
        return {"dropped": f"it is not JSON: {wrong}"}
    hidden: JSON = masking.scrubbed(masking.masked(plain), secrets)
    problem = canonical.first_problem(hidden)
    if problem is not None:
        return {"dropped": f"it cannot be stored: {problem.detail}"}
    if len(json.dumps(hidden)) > MAX_LOG_FIELDS:
        return {"dropped": f"it is larger than {MAX_LOG_FIELDS:,} bytes"}
    return hidden


def _shown(value: object) -> str:
    return f"({type(value).__name__})"
