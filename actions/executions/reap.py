"""Recover from workers that died: take back what they held.

Floor 4. Any worker may reap; one wins, since the dead worker's row is taken by a conditional
UPDATE that skips locked rows. Marking it dead, ending what it left open in the database and
requeueing are one transaction: if that fails, nobody has reaped and the next one tries again.
"""

import random
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from actions import faults
from actions.executions import wake
from actions.executions.claim import Claim, Claimant
from actions.executions.settle import Ending, settle
from actions.executions.terms import terms_of
from actions.models import Execution
from actions.settlement import lost

# A worker that has not noticed yet that it was declared dead may have claimed once more.
_MARK_DEAD = """
UPDATE actions_worker SET
    state = 'dead', ended_at = clock_timestamp(), idle_since = NULL, loop_idle_since = NULL
WHERE id IN (
    SELECT id FROM actions_worker
    WHERE (state IN ('alive', 'stopping') AND lease_until < clock_timestamp())
       OR (state IN ('dead', 'stopped')
           AND id IN (SELECT worker_id FROM actions_execution WHERE status = 'running'))
    FOR UPDATE SKIP LOCKED
)
RETURNING id, label, backend_pid, backend_started_at
"""

# A stopped process keeps its transaction open, with the locks of its body: end that session.
_END_SESSION = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = %s AND backend_start = %s AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaped:
    """A worker that was found dead, and how many executions it held."""

    label: str
    held_count: int


def reap() -> list[Reaped]:
    """Mark silent workers dead and settle what they held as lost."""
    with transaction.atomic():
        _leave_in_time()
        reaped = [_reap_one(row) for row in _mark_dead()]
        if reaped:
            faults.reach("reap.before-commit")
        return reaped


def _leave_in_time() -> None:
    """Should this process stand still in the middle, its locks go when its own lease does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, true)",
            [f"{int(settings.ACTIONSITE_LEASE_SECONDS * 1000)}ms"],
        )


def expire(*, host: str, pid: int) -> None:
    """End the lease of a worker whose process is known to be gone, so that it is reaped now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE actions_worker SET lease_until = clock_timestamp() - interval '1 second' "
            "WHERE host = %s AND pid = %s AND state IN ('alive', 'stopping')",
            [host, pid],
        )


def _mark_dead() -> list[tuple[int, str, int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_MARK_DEAD)
        return list(cursor.fetchall())


def _reap_one(row: tuple[int, str, int, datetime]) -> Reaped:
    worker_id, label, backend_pid, backend_started_at = row
    with connection.cursor() as cursor:
        cursor.execute(_END_SESSION, [backend_pid, backend_started_at])
    held = list(Execution.objects.held_by(worker_id))
    dead = Claimant(worker_id=worker_id, label=label, actions=())
    waited = settle([_lost(execution, label=label) for execution in held], dead)
    transaction.on_commit(lambda: wake.waiters(waited), robust=True)
    for queue, is_concurrent in {(one.queue, one.is_concurrent) for one in held}:
        wake.worker_after_commit(queue, is_concurrent=is_concurrent)
    return Reaped(label=label, held_count=len(held))


def _lost(execution: Execution, *, label: str) -> Ending:
    claim = Claim(
        id=execution.id,
        attempt=execution.attempt_count,
        max_attempts=execution.max_attempts,
        crash_count=execution.crash_count,
        action=execution.action_name,
        version_id=execution.version_id,
        params={},
        downstream_key="",
        started_at=execution.began_at,
        age_seconds=execution.age.total_seconds(),
    )
    settlement = lost(terms_of(claim), worker=label, chance=random.random())
    return Ending(claim=claim, settlement=settlement)
