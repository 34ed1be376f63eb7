"""Recover from workers that died: take back what they held.

Floor 4. Any worker may reap; one wins, since the dead worker's row is taken by a conditional
UPDATE that skips locked rows. Marking it dead, ending what it left open in the database and
requeueing are one transaction: if that fails, nobody has reaped and the next one tries again.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from actions import faults
from actions.executions import followers, wake
from actions.executions.claim import Claim, Claimant
from actions.executions.settle import Ending, give_back, settle
from actions.executions.terms import terms_of, timeout_of
from actions.models import Execution
from actions.models.execution.reads import LOSSES_OF_A_SUSPECT
from actions.policy import MAX_ATTEMPTS
from actions.settlement import lost, overran
from actions.states import ExecutionStatus

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
RETURNING id, label, backend_pid, backend_started_at, end_reason
"""

# A stopped process keeps its transaction open, with the locks of its body: end that session.
_END_SESSION = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = %s AND backend_start = %s AND pid <> pg_backend_pid()
"""

# Why a supervisor has ended a worker: an attempt of its main lane, or of its lane of coroutines,
# would not end.
OVERRAN = "overran"
LOOP_OVERRAN = "loop_overran"
# The worker has ended itself because of an attempt that it has settled: nobody else is to blame.
SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class _Dead:
    """A worker that has just been marked dead."""

    id: int
    label: str
    backend_pid: int
    backend_started_at: datetime
    end_reason: str


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


def expire(worker_id: int, *, reason: str = "") -> bool:
    """End the lease of a worker whose process is known to be gone, so that it is reaped now.

    `reason` is `OVERRAN` or `LOOP_OVERRAN` if it was ended for that; what the worker itself has
    said stays. False if it had signed off.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE actions_worker SET lease_until = clock_timestamp() - interval '1 second', "
            "end_reason = coalesce(nullif(end_reason, ''), %s) WHERE id = %s AND state IN ('alive', 'stopping')",
            [reason, worker_id],
        )
        return bool(cursor.rowcount)


def _mark_dead() -> list[_Dead]:
    with connection.cursor() as cursor:
        cursor.execute(_MARK_DEAD)
        return [_Dead(*row) for row in cursor.fetchall()]


def _reap_one(dead: _Dead) -> Reaped:
    """Settle what a dead worker held.

    Of several that shared a transaction one may have been fatal: none left a trace, so none is
    charged, and each runs by itself from now on. A crash counts for what was held alone, or for the
    last that was begun of those that had lost workers before. Then the others have paid for it with
    an attempt, and are given another.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END_SESSION, [dead.backend_pid, dead.backend_started_at])
    held = list(Execution.objects.held_by(dead.id))
    followers.lock(one.run_id for one in held)
    group = [one for one in held if not one.is_concurrent]
    claimant = Claimant(worker_id=dead.id, label=dead.label, actions=())
    if len(group) > 1:
        reason = f"its worker died while {len(group)} shared a transaction"
        give_back([one.id for one in group], claimant, reason=reason, is_loss=True)
    charged = [one for one in held if one.is_concurrent or len(group) == 1]
    culprit = _culprit(held, dead)
    endings = [_ending(one, dead, culprit=culprit) for one in charged]
    _give_more(endings)
    settled = settle(endings, claimant)
    followers.wake_for(settled.lanes)
    transaction.on_commit(lambda: wake.waiters(settled.waited), robust=True)
    for queue, is_concurrent in {(one.queue, one.is_concurrent) for one in held}:
        wake.worker_after_commit(queue, is_concurrent=is_concurrent)
    return Reaped(label=dead.label, held_count=len(held))


def _culprit(held: list[Execution], dead: _Dead) -> Execution | None:
    """Which of these the worker may have died of."""
    if dead.end_reason == SETTLED:
        return None
    if len(held) == 1:
        return held[0]
    suspects = [one for one in held if one.loss_count >= LOSSES_OF_A_SUSPECT]
    return max(suspects, key=lambda one: one.began_at, default=None)


def _give_more(endings: list[Ending]) -> None:
    """Store how many attempts they have now: who has lost one to another may have one more."""
    more = [one.claim.id for one in endings if one.settlement.is_excused]
    if more:
        Execution.objects.filter(id__in=more).update(max_attempts=F("max_attempts") + 1)


def _ending(execution: Execution, dead: _Dead, *, culprit: Execution | None) -> Ending:
    is_culprit = execution is culprit
    is_excused = culprit is not None and not is_culprit and execution.max_attempts < MAX_ATTEMPTS
    claim = Claim(
        id=execution.id,
        attempt=execution.attempt_count,
        max_attempts=execution.max_attempts + is_excused,
        crash_count=execution.crash_count,
        action=execution.action_name,
        version_id=execution.version_id,
        params={},
        params_sealed=None,
        downstream_key="",
        trace_id="",
        started_at=execution.began_at,
        age_seconds=execution.age.total_seconds(),
        run_id=execution.run_id,
        overrides=execution.overrides,
    )
    terms, chance = terms_of(claim), random.random()
    if _has_overrun(execution, dead, is_culprit=is_culprit):
        limit = timeout_of(claim)
        settlement = overran(terms, action=claim.action, limit=limit, chance=chance)
    else:
        settlement = lost(terms, worker=dead.label, is_crash=is_culprit, chance=chance)
    if is_excused and settlement.status == ExecutionStatus.RETRYING:
        settlement = replace(settlement, is_excused=True)
    return Ending(claim=claim, settlement=settlement)


def _has_overrun(execution: Execution, dead: _Dead, *, is_culprit: bool) -> bool:
    """Whether this is the attempt that would not end; of many coroutines it may be any."""
    if dead.end_reason == LOOP_OVERRAN:
        return is_culprit
    return dead.end_reason == OVERRAN and (is_culprit or not execution.is_concurrent)
