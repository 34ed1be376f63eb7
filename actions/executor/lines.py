"""The lines that an action wrote, as they may be stored.

Floor 3. Masked, bounded and JSON, whatever the action passed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from actions import canonical, masking
from actions.context import MAX_LOG_MESSAGE, LogEntry
from actions.executor.failures import text_of
from actions.jsontypes import JSONObject

MAX_LOG_FIELDS = 8_192


def storable(entries: Iterable[LogEntry], *, secrets: Sequence[str]) -> list[LogEntry]:
    """The same lines without secrets and without what the database refuses."""
    return [
        replace(
            entry,
            message=text_of(entry.message, secrets=secrets, limit=MAX_LOG_MESSAGE),
            fields=_fields(entry.fields, secrets=secrets) if entry.fields else {},
        )
        for entry in entries
    ]


def _fields(fields: JSONObject, *, secrets: Sequence[str]) -> JSONObject:
    plain = json.loads(json.dumps(fields, default=_shown, skipkeys=True))
    hidden: JSONObject = masking.scrubbed(masking.masked(plain), secrets)
    problem = canonical.first_problem(hidden)
    if problem is not None:
        return {"dropped": f"the fields cannot be stored: {problem.detail}"}
    if len(json.dumps(hidden)) > MAX_LOG_FIELDS:
        return {"dropped": f"the fields are larger than {MAX_LOG_FIELDS:,} bytes"}
    return hidden


def _shown(value: object) -> str:
    return f"({type(value).__name__})"
