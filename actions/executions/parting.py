"""What a lane has in hand when its worker leaves.

Floor 4. What has not begun is returned as if it had not been taken. What has begun, and whose
transaction failed, is settled or counted: returned as it was, it would begin again and again.
"""

import random
from collections.abc import Container, Sequence
from uuid import UUID

from django.db import transaction

from actions.executions import statements, workers
from actions.executions.bench import Bench
from actions.executions.claim import Claim
from actions.executions.perform import settle_patiently
from actions.executions.settle import Ending, give_back
from actions.executions.terms import terms_of
from actions.settlement import lost
from actions.states import Effect

# Somebody who waits to begin, and never will, may hold what this waits for.
_BRIEFLY = "SET lock_timeout = '2s'; SET statement_timeout = '5s'"
_LOCK_BRIEFLY = "SET LOCAL lock_timeout = '1s'"


def part_with(group: Sequence[Claim], *, bench: Bench) -> None:
    """Settle or return claims, so that the worker holds none of them."""
    decided = [bench.decided[one.id] for one in group if one.id in bench.decided]
    rest = [one for one in group if one.id not in bench.decided]
    begun = [one for one in rest if _has_begun(one, bench)]
    alone = [one for one in begun if len(begun) == 1 or bench.suspects[one.id] > 0]
    for ending in [*decided, *(_left(one, bench) for one in alone)]:
        settle_patiently(ending, bench=bench, may_claim=False)
    shared = [one.id for one in begun if one not in alone]
    reason = "its worker left after a transaction that it shared had failed"
    give_back(shared, bench.claimant, reason=reason, is_loss=True)
    fresh = [one.id for one in rest if one not in begun]
    give_back(fresh, bench.claimant, reason="its worker is leaving")


def give_back_waiting(bench: Bench, *, cancelled: Container[UUID] = ()) -> None:
    """Give back what waits in hand where the lane stands still, and what is to be cancelled.

    For another thread than the lane's. Raises DatabaseError where it cannot be done now; it is tried
    again at the next call.
    """
    waiting = bench.hand.withdraw(cancelled)
    if not waiting:
        return
    with transaction.atomic():
        statements.send(_LOCK_BRIEFLY)
        give_back(waiting, bench.claimant, reason="what runs before it takes its time")
    bench.hand.returned(waiting)


def shut(bench: Bench, *, end_reason: str = "") -> None:
    """Begin nothing more, and return what is ready and has not begun; the process must end then.

    Called from any thread but in no transaction. Raises DatabaseError where the database is out of
    reach, or where the worker's own transactions are in the way: then it is left to who reaps it.
    """
    bench.threshold.shut()
    statements.send(_BRIEFLY)
    workers.stopping(bench.claimant.worker_id, end_reason=end_reason)
    before = sorted(bench.threshold.before)
    give_back(before, bench.claimant, reason="its worker had to end before it began")


def _has_begun(claim: Claim, bench: Bench) -> bool:
    """An external one never has: its ending would have been stored, or its worker be gone."""
    return claim.id in bench.suspects and bench.effect_of(claim) != Effect.EXTERNAL


def _left(claim: Claim, bench: Bench) -> Ending:
    settlement = lost(
        terms_of(claim),
        worker=bench.claimant.label,
        is_crash=False,
        chance=random.random(),
        how="had to leave after its transaction had failed",
    )
    return Ending(claim=claim, settlement=settlement)
