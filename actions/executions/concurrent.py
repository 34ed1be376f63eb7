"""Settle what a concurrent lane has finished, and claim as much as it has room for.

Floor 4. Coroutines run outside any transaction, so a late one harms no other: it is refused and
recorded, and the rest is settled.
"""

from collections.abc import Sequence

from django.db import transaction

from actions.executions import wake
from actions.executions.bench import Bench, Live
from actions.executions.claim import Taken, claim
from actions.executions.settle import Ending, StaleAttempts, refuse_stale, settle


def settle_and_claim(endings: Sequence[Ending], *, bench: Bench, room: int) -> list[Live]:
    """Settle a group and claim up to `room` coroutines in the same transaction."""
    try:
        with transaction.atomic():
            waited = settle(endings, bench.claimant)
            taken = _claim(bench, room=room)
    except StaleAttempts as late:
        refuse_stale(late.stale, bench.claimant)
        stale = {one.id for one in late.stale}
        ours = [ending for ending in endings if ending.claim.id not in stale]
        return settle_and_claim(ours, bench=bench, room=room)
    wake.waiters(waited)
    return [Live(claim=one, body=bench.body_of(one)) for one in taken.group]


def _claim(bench: Bench, *, room: int) -> Taken:
    if room < 1:
        return Taken(group=[])
    lane = bench.claimant
    taken = claim(lane, quick=lane.actions, limit=room)
    if taken.more_wait:
        wake.worker_after_commit(None, is_concurrent=True, but_not=lane.worker_id)
    return taken
