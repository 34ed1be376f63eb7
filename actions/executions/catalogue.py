"""Which action and which version of it a name stands for.

Floor 4. A process remembers what it has read and may be the last to hear of a change, so what is
remembered leads to nothing but an INSERT, which stores nothing unless it is still so.
"""

from typing import NamedTuple

from actions.errors import ActionNotFound, IdempotencyKeyRequired, ParamsInvalid
from actions.executions import terms
from actions.models import Action, ActionVersion


class Entry(NamedTuple):
    """An action and its current version; from memory, they must be checked when it is stored."""

    action: Action
    version: ActionVersion
    is_recalled: bool = False


class Outdated(Exception):
    """What was remembered of an action is no longer so; nothing was stored."""


# What may come of an old version and not of the current one, and has left nothing behind.
MAY_BE_OLD = (Outdated, ParamsInvalid, IdempotencyKeyRequired)

_REMEMBERED: dict[str, Entry] = {}


def recall(name: str) -> Entry | None:
    """What this process has read last of that action, if it was enabled."""
    return _REMEMBERED.get(name)


def read(name: str) -> Entry:
    """What the catalogue says now; raises ActionNotFound."""
    found = Action.objects.by_name(name)
    if found is None or found.current_id is None:
        _REMEMBERED.pop(name, None)
        raise ActionNotFound(
            f"There is no action {name[:100]!r}; the catalogue at /api/v1/actions lists them."
        )
    entry = Entry(found, terms.version(found.current_id))
    # The key of a derived one may be that of a record, which is answered from without an INSERT.
    if found.is_enabled and entry.version.idempotency != "derived":
        _REMEMBERED[name] = entry._replace(is_recalled=True)
    else:
        _REMEMBERED.pop(name, None)
    return entry


def forget() -> None:
    """Remember nothing; for another database in the same process."""
    _REMEMBERED.clear()
