"""Run what has been claimed and settle it: the middle of the engine's story.

Floor 4. A transactional body runs inside the transaction that settles it, so its writes, its
result and its record commit together or not at all; several short ones share a transaction, each
behind a savepoint. An external body runs outside any transaction, its claim being durable.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError, connection, transaction

from actions.executions import wake
from actions.executions.attempts import ending_after, run_inside, run_outside
from actions.executions.bench import Bench
from actions.executions.claim import Claim, claim
from actions.executions.savepoints import BrokenTransaction, Members
from actions.executions.settle import Ending, StaleAttempts, refuse_stale, settle
from actions.states import Effect

# Nobody's result waits longer than this for the neighbours in its group.
GROUP_SECONDS = 0.020


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one turn of the loop leads to: claims in hand, and how many executions it ended."""

    group: list[Claim] = field(default_factory=list)
    ended_count: int = 0


def perform(group: Sequence[Claim], *, bench: Bench, may_claim: bool = True) -> Turn:
    """Run a claimed group and settle it; what is next is claimed in the same transaction.

    Returns the claims that the caller now holds: the rest of the group if its time was up, or
    newly claimed ones unless `may_claim` is false.
    """
    if bench.effect_of(group[0]) == Effect.EXTERNAL:
        return _outside(group[0], bench=bench, may_claim=may_claim)
    try:
        return _together(group, bench=bench, may_claim=may_claim)
    except StaleAttempts as late:
        refuse_stale(late.stale, bench.claimant)
        stale = {one.id for one in late.stale}
        ended = [_alone(one, bench=bench) for one in group if one.id not in stale]
    except (DatabaseError, BrokenTransaction):
        connection.close()
        ended = [_alone(one, bench=bench) for one in group]
    return Turn(ended_count=sum(ended))


def first_claim(bench: Bench) -> list[Claim]:
    """Claim in a transaction of its own, when nothing is being settled."""
    with transaction.atomic():
        return _claim(bench)


def _together(group: Sequence[Claim], *, bench: Bench, may_claim: bool) -> Turn:
    """Run the members one by one in one transaction, until their time is up."""
    with transaction.atomic():
        endings = _run_members(group, bench=bench)
        waited = settle(endings, bench.claimant)
        rest = list(group[len(endings) :])
        following = rest or (_claim(bench) if may_claim else [])
    wake.waiters(waited)
    return Turn(group=following, ended_count=len(endings))


def _run_members(group: Sequence[Claim], *, bench: Bench) -> list[Ending]:
    began = time.monotonic()
    endings: list[Ending] = []
    with Members() as members:
        for one in group:
            endings.append(run_inside(one, bench=bench, members=members))
            if time.monotonic() - began > GROUP_SECONDS:
                break
    return endings


def _outside(one: Claim, *, bench: Bench, may_claim: bool) -> Turn:
    """Run an external body, then settle it."""
    ending = run_outside(one, bench=bench)
    try:
        with transaction.atomic():
            waited = settle([ending], bench.claimant)
            following = _claim(bench) if may_claim else []
    except StaleAttempts as late:
        refuse_stale(late.stale, bench.claimant)
        return Turn()
    wake.waiters(waited)
    return Turn(group=following, ended_count=1)


def _alone(one: Claim, *, bench: Bench) -> bool:
    """Run a member again by itself after its group has failed; True once it is settled.

    Its first run left nothing behind, so this is still the same attempt.
    """
    try:
        return _together([one], bench=bench, may_claim=False).ended_count == 1
    except StaleAttempts as late:
        refuse_stale(late.stale, bench.claimant)
        return False
    except (DatabaseError, BrokenTransaction) as broken:
        connection.close()
        return _settle_failure(ending_after(one, broken, bench=bench), bench=bench)


def _settle_failure(ending: Ending, *, bench: Bench) -> bool:
    try:
        with transaction.atomic():
            waited = settle([ending], bench.claimant)
    except StaleAttempts as late:
        refuse_stale(late.stale, bench.claimant)
        return False
    wake.waiters(waited)
    return True


def _claim(bench: Bench) -> list[Claim]:
    taken = claim(bench.claimant, quick=bench.quickness.quick())
    if taken.more_wait:
        wake.worker_after_commit(None, is_concurrent=False, but_not=bench.claimant.worker_id)
    return taken.group
