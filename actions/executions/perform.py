"""Run what has been claimed and settle it: the middle of the engine's story.

Floor 4. A transactional body runs inside the transaction that settles it, so its writes, its
result and its record commit together or not at all; several short ones share a transaction, each
behind a savepoint. An external body runs outside any transaction, its claim being durable.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from django.db import DatabaseError, InterfaceError, connection, transaction

from actions import faults
from actions.executions import followers, steady, suspects, wake
from actions.executions.attempts import ending_after, run_inside, run_outside, unstorable
from actions.executions.bench import Bench
from actions.executions.claim import Claim, claim, held
from actions.executions.patience import is_out_of_reach, until_reachable
from actions.executions.savepoints import BrokenTransaction, Members
from actions.executions.settle import Ending, Settled, StaleAttempts, refuse_stale, settle
from actions.executions.tidy import Session, discard, tidied
from actions.executor import run_hook
from actions.states import Effect

# Nobody begins behind neighbours that have taken longer than this together.
GROUP_SECONDS = 0.020
# A hook belongs to an execution that has ended: nobody sees it any more, or could cancel it.
_HOOK_SECONDS = 10.0
# How often an execution may lose its connection, run by itself, before that is its own failure.
_LONELY_RUNS = 3


class EndingLost(Exception):
    """An external body has run and its ending cannot be stored: the worker must leave.

    Were it to take stock instead, it would run the body again in the same attempt.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one turn of the loop leads to: claims in hand, and how many executions it ended."""

    group: list[Claim] = field(default_factory=list)
    ended_count: int = 0


def perform(group: Sequence[Claim], *, bench: Bench, may_claim: bool = True) -> Turn:
    """Run a claimed group and settle it; if more waits, it is claimed in the same transaction.

    Returns the claims that the lane now holds: the rest of the group if its time was up, newly
    claimed ones unless `may_claim` is false, or after a transaction that failed whatever the rows
    say that it holds.
    """
    first, *rest = group
    bench.hand.hold(group)
    if not bench.hand.begin(first):
        return Turn(group=rest)
    try:
        if bench.effect_of(first) == Effect.EXTERNAL:
            return _outside(group, bench=bench, may_claim=may_claim)
        with tidied() as session:
            if first.id in bench.suspects:
                return _alone(group, bench=bench, session=session)
            return _together(group, bench=bench, session=session, may_claim=may_claim)
    except StaleAttempts as late:
        refuse(late, bench=bench)
    except (DatabaseError, InterfaceError, BrokenTransaction):
        discard()
    return Turn(group=take_stock(bench))


def first_claim(bench: Bench) -> list[Claim]:
    """Claim when nothing is being settled; what is returned has been committed."""
    steady.keep()
    group = _claim(bench)
    if group:
        faults.reach("claim.after-commit")
    return group


def take_stock(bench: Bench) -> list[Claim]:
    """What the rows say that the lane holds, after a transaction whose end is not known.

    Its members are run one by one from here on, so that the one at fault is found and the others
    are not charged for it. It is still the same attempt: the first run left nothing behind.
    """
    in_hand = until_reachable(lambda: held(bench.claimant), may_wait=bench.may_wait)
    bench.suspects = {one.id: bench.suspects.get(one.id, 0) for one in in_hand}
    return in_hand


def refuse(late: StaleAttempts, *, bench: Bench) -> None:
    """Record that results came too late, once the database can be reached."""
    until_reachable(
        lambda: refuse_stale(late.stale, bench.claimant),
        may_wait=bench.may_wait,
    )


def _together(group: Sequence[Claim], *, bench: Bench, session: Session, may_claim: bool) -> Turn:
    """Run the members one by one in one transaction, until their time is up."""
    is_whole = not connection.in_atomic_block
    with transaction.atomic():
        endings, rest, is_clean = _run_members(group, bench=bench)
        hooks = _take_hooks() if is_whole else []
        faults.reach("body.after")
        settled = settle(endings, bench.claimant)
        # What hangs after the commit shall hold up nothing that was claimed with it.
        may_claim = may_claim and not rest and not hooks
        following = rest + _claim_after(settled, bench=bench, may_claim=may_claim)
        faults.reach("settle.before-commit")
        if hooks:
            steady.loosen()
    session.is_tidy = is_clean and not hooks
    faults.reach("settle.after-commit")
    wake.waiters(settled.waited)
    _run_hooks(hooks, seconds=min(_HOOK_SECONDS, _longest(group, bench=bench)), bench=bench)
    return Turn(group=following, ended_count=len(endings))


def _run_members(group: Sequence[Claim], *, bench: Bench) -> tuple[list[Ending], list[Claim], bool]:
    """How each member ended, who is left as the time is up, and whether the session is clean."""
    began = monotonic()
    endings: list[Ending] = []
    rest: list[Claim] = []
    with Members(seconds=_longest(group, bench=bench)) as members:
        for place, one in enumerate(members.each(group)):
            is_late = monotonic() - began > GROUP_SECONDS
            if place and (is_late or bench.effect_of(one) == Effect.EXTERNAL):
                rest = list(group[place:])
                break
            if place == 0 or bench.hand.begin(one):
                endings.append(run_inside(one, bench=bench, members=members))
    return endings, rest, members.is_clean


def _longest(group: Sequence[Claim], *, bench: Bench) -> float:
    return max(bench.seconds_of(one) for one in group)


def _take_hooks() -> list[Callable[[], object]]:
    """What the bodies have left for after the commit: Django would let one drop the others."""
    hooks: list[Callable[[], object]] = [left[1] for left in connection.run_on_commit]
    connection.run_on_commit = []
    return hooks


def _run_hooks(hooks: Sequence[Callable[[], object]], *, seconds: float, bench: Bench) -> None:
    for hook in hooks:
        bench.note_deadline(monotonic() + seconds)
        try:
            if not run_hook(hook, seconds=seconds):
                discard()
        finally:
            bench.note_deadline(None)


def _alone(group: Sequence[Claim], *, bench: Bench, session: Session) -> Turn:
    """Run the first of a group by itself; what goes wrong now is its own failure."""
    first, rest = group[0], list(group[1:])
    bench.suspects[first.id] += 1
    try:
        _together([first], bench=bench, session=session, may_claim=False)
    except (DatabaseError, InterfaceError, BrokenTransaction) as broken:
        was_cut = is_out_of_reach(broken)
        discard()
        if was_cut and bench.suspects[first.id] < _LONELY_RUNS:
            return Turn(group=take_stock(bench))
        settle_patiently(ending_after(first, broken, bench=bench), bench=bench, may_claim=False)
    bench.suspects.pop(first.id, None)
    return Turn(group=rest, ended_count=1)


def _outside(group: Sequence[Claim], *, bench: Bench, may_claim: bool) -> Turn:
    """Run an external body, then settle it; its ending is kept until the database has it."""
    ending, rest = run_outside(group[0], bench=bench), list(group[1:])
    faults.reach("body.after")
    try:
        following = settle_patiently(ending, bench=bench, may_claim=may_claim and not rest)
    except (DatabaseError, InterfaceError) as unsettled:
        raise EndingLost(f"How {ending.claim.shown_id} ended cannot be stored.") from unsettled
    return Turn(group=rest or following, ended_count=1)


def settle_patiently(ending: Ending, *, bench: Bench, may_claim: bool) -> list[Claim]:
    """Settle an ending that must not be lost; if the database cannot store it, say that instead."""

    def settle_one() -> list[Claim]:
        with transaction.atomic():
            settled = settle([ending], bench.claimant)
            following = _claim_after(settled, bench=bench, may_claim=may_claim)
            faults.reach("settle.before-commit")
        faults.reach("settle.after-commit")
        wake.waiters(settled.waited)
        return following

    try:
        return until_reachable(settle_one, may_wait=bench.may_wait)
    except DatabaseError as refused:
        if may_claim and not is_out_of_reach(refused):
            # What it refuses may be the claim.
            return settle_patiently(ending, bench=bench, may_claim=False)
        if is_out_of_reach(refused) or ending.is_unstorable:
            raise
        instead = unstorable(ending.claim, refused)
        return settle_patiently(instead, bench=bench, may_claim=may_claim)


def _claim_after(settled: Settled, *, bench: Bench, may_claim: bool) -> list[Claim]:
    """Claim what is due, if anything is; others are woken for what this lane does not take."""
    ours = {lane for lane in settled.lanes if not lane.is_concurrent} if may_claim else set()
    followers.wake_for(settled.lanes - ours)
    return _claim(bench) if may_claim and (bench.more_wait or ours) else []


def _claim(bench: Bench) -> list[Claim]:
    if bench.quarantine.is_on:
        return []
    suspect = suspects.claim_one(bench)
    if suspect:
        return suspect
    taken = claim(bench.claimant, quick=bench.quickness.quick())
    bench.suspects_wait, bench.more_wait = taken.suspects_wait, taken.more_wait
    if taken.more_wait:
        wake.worker_after_commit(None, is_concurrent=False, but_not=bench.claimant.worker_id)
    return taken.group or suspects.claim_one(bench)
