"""The lines that an action wrote, as they may be stored.

Floor 3. Masked, bounded and JSON, whatever the action passed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from actions.context import MAX_LOG_MESSAGE, LogEntry
from actions.executor.storable import storable_value, text_of
from actions.jsontypes import JSONObject


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
