"""Tell a worker that there is work, or a waiter that there is an outcome.

Floor 4. A notification is a hint: everything is found without it, only later. It is sent after
the commit that it speaks of, never inside it, because a NOTIFY in every transaction makes all
committers wait for one another.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from actions.executions import statements

logger = logging.getLogger(__name__)

DONE_CHANNEL = "actionsite_done"

_WAKE_ONE = """
SELECT pg_notify('actionsite_work_' || id, '') FROM (
    SELECT id FROM actions_worker
    WHERE idle_since IS NOT NULL AND state = 'alive' AND id <> %s
      AND (queues = '{}' OR %s::text IS NULL OR %s = ANY(queues))
      AND (%s::text IS NULL OR %s = ANY(actions))
    ORDER BY random() LIMIT 1
) AS idle
"""
_WAKE_ONE_LOOP = _WAKE_ONE.replace("idle_since", "loop_idle_since").replace("_work_", "_loop_")
_TELL_DONE = "SELECT pg_notify(%s, id) FROM unnest(%s::text[]) AS id"
_TELL_CANCEL = "SELECT pg_notify('actionsite_cancel_' || %s, '')"


def work_channel(worker_id: int, *, is_concurrent: bool) -> str:
    """Where one lane of a worker hears that there may be work."""
    return f"actionsite_{'loop' if is_concurrent else 'work'}_{worker_id}"


def cancel_channel(worker_id: int) -> str:
    """Where a worker hears that something which it runs should stop."""
    return f"actionsite_cancel_{worker_id}"


def worker_after_commit(
    queue: str | None, *, is_concurrent: bool, code: str | None = None, but_not: int = 0
) -> None:
    """Once the caller's transaction has committed, wake one idle worker that serves the queue.

    `code` is an action whose code it must have, `but_not` the worker that asks, having seen more
    than it could take; None is any queue, and any code.
    """
    statement = _WAKE_ONE_LOOP if is_concurrent else _WAKE_ONE
    asked = [but_not, queue, queue, code, code]
    transaction.on_commit(lambda: _run(statement, asked), robust=True)


def waiters(execution_ids: Iterable[UUID]) -> None:
    """Tell whoever waits for one of these that it has ended; call it outside a transaction."""
    shown = [str(one) for one in execution_ids]
    if shown:
        _run(_TELL_DONE, [DONE_CHANNEL, shown])


def canceller_after_commit(worker_id: int) -> None:
    """Once the caller's transaction has committed, tell a worker to look for cancel requests."""
    transaction.on_commit(lambda: _run(_TELL_CANCEL, [worker_id]), robust=True)


def _run(statement: str, params: Sequence[Any]) -> None:
    """Send a hint; what is lost with the connection is found by the next poll."""
    try:
        statements.run(statement, params)
    except (OperationalError, InterfaceError) as lost:
        logger.warning("A wake-up could not be sent: %s", lost)
        connection.close()
