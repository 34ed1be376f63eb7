"""Settle what a concurrent lane has finished, and claim as much as it has room for.

Floor 4. Coroutines run outside any transaction, so a late one harms no other: it is refused and
recorded, and the rest is settled.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction

from actions import faults
from actions.executions import followers, steady, suspects, wake
from actions.executions.attempts import unstorable
from actions.executions.bench import Bench, Live
from actions.executions.claim import Claim, claim, held
from actions.executions.followers import Lane
from actions.executions.patience import is_out_of_reach, until_reachable
from actions.executions.perform import refuse
from actions.executions.settle import Ending, Settled, StaleAttempts, settle


def settle_and_claim(
    endings: Sequence[Ending], *, bench: Bench, room: int, under_way: Collection[UUID] = ()
) -> list[Live]:
    """Settle a group and claim up to `room` coroutines in the same transaction.

    If the transaction fails, the endings are settled one by one, and what is returned is what the
    rows say that the lane holds beyond what is `under_way`.
    """
    try:
        steady.keep()
        if endings:
            taken = _in_one_transaction(endings, bench=bench, room=room)
        else:
            taken = _first_claim(bench, room=room)
    except (StaleAttempts, DatabaseError, InterfaceError):
        connection.close()
        for ending in endings:
            _settle_alone(ending, bench=bench)
        taken = _held_beyond(under_way, bench=bench) if room > 0 else []
    ready = until_reachable(
        lambda: [Live(claim=one, body=bench.body_of(one), is_concurrent=True) for one in taken],
        may_wait=bench.may_wait,
    )
    bench.threshold.approach(one.id for one in taken)
    return ready


def _held_beyond(under_way: Collection[UUID], *, bench: Bench) -> list[Claim]:
    rows = until_reachable(lambda: held(bench.claimant), may_wait=bench.may_wait)
    return [one for one in rows if one.id not in under_way]


def _in_one_transaction(endings: Sequence[Ending], *, bench: Bench, room: int) -> list[Claim]:
    faults.reach("body.after")
    with transaction.atomic():
        settled = settle(endings, bench.claimant)
        taken = _claim(bench, room=room)
        followers.wake_for(settled.lanes if room < 1 else _of_others(settled))
        faults.reach("settle.before-commit")
    faults.reach("settle.after-commit")
    wake.waiters(settled.waited)
    return taken


def _of_others(settled: Settled) -> set[Lane]:
    return {lane for lane in settled.lanes if not lane.is_concurrent}


def _first_claim(bench: Bench, *, room: int) -> list[Claim]:
    taken = _claim(bench, room=room)
    if taken:
        faults.reach("claim.after-commit")
    return taken


def _settle_alone(ending: Ending, *, bench: Bench) -> None:
    try:
        until_reachable(
            lambda: _in_one_transaction([ending], bench=bench, room=0), may_wait=bench.may_wait
        )
    except StaleAttempts as late:
        refuse(late, bench=bench)
    except DatabaseError as refused:
        if is_out_of_reach(refused) or ending.is_unstorable:
            raise
        _settle_alone(unstorable(ending.claim, refused), bench=bench)


def _claim(bench: Bench, *, room: int) -> list[Claim]:
    if room < 1 or bench.quarantine.is_on:
        return []
    suspect = suspects.claim_one(bench)
    if suspect:
        return suspect
    lane = bench.claimant
    taken = claim(lane, quick=lane.actions, limit=room)
    bench.suspects_wait = taken.suspects_wait
    if taken.more_wait:
        wake.worker_after_commit(None, is_concurrent=True, but_not=lane.worker_id)
    return taken.group or suspects.claim_one(bench)
