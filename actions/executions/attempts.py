"""Run one claimed attempt and decide how it ends.

Floor 4, between the claim and the settlement: it turns what the body did into what is written.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from django.db import DatabaseError, connection

from actions import executor
from actions.backoff import Failure
from actions.executions import steady, terms
from actions.executions.bench import Bench, Live
from actions.executions.claim import Claim
from actions.executions.savepoints import (
    BrokenTransaction,
    Members,
    TransactionEnded,
    has_closed,
    is_broken,
    is_ended,
    refusing_to_end,
)
from actions.executions.settle import Ending
from actions.executions.tidy import tidied
from actions.executor.failures import failure_of
from actions.executor.lines import storable
from actions.settlement import Settlement, cancelled, failed, stopped_by_force, succeeded, too_late
from actions.states import Effect

# How often a body that the database has chosen to end a deadlock is run, within one attempt.
_COLLISIONS = 3
_COLLIDED = frozenset({"deadlock", "serialization_failure"})


def run_outside(claim: Claim, *, bench: Bench) -> Ending:
    """Run a body outside any transaction."""
    if (late := _too_late(claim, bench=bench)) is not None:
        return late
    body = bench.body_of(claim)
    steady.loosen()
    with tidied():
        try:
            went = _run(claim, body, bench=bench)
        except executor.AttemptInterrupted as interruption:
            connection.close()
            went = executor.interrupted(body, interruption)
    return _ending(claim, body, went)


async def run_on_loop(ready: Live, *, bench: Bench) -> Ending:
    """Run a coroutine beside others; what it needs of the database has been read."""
    with _seen(ready, bench=bench):
        if (late := _too_late(ready.claim, bench=bench)) is not None:
            return late
        went = await executor.run_coroutine(ready.body)
    return _ending(ready.claim, ready.body, went)


def run_inside(claim: Claim, *, bench: Bench, members: Members) -> Ending:
    """Run a body as one member of the open transaction; a failed one leaves nothing in it.

    Raises BrokenTransaction if the transaction cannot go on; how this attempt ends is then kept
    in `bench.decided`, unless it is to be run again.
    """
    known = bench.decided.pop(claim.id, None) or _too_late(claim, bench=bench)
    if known is not None:
        return known
    for _ in range(_COLLISIONS):
        body = bench.body_of(claim)
        went = _run_member(claim, body, bench=bench, members=members)
        if not _has_collided(went):
            break
    return _ending(claim, body, went)


def _too_late(claim: Claim, *, bench: Bench) -> Ending | None:
    """How it ends instead of beginning, if its time for retries is over.

    One that is run again within its attempt has begun.
    """
    if claim.attempt == 1 or claim.id in bench.suspects:
        return None
    settlement = too_late(terms.terms_of(claim))
    return None if settlement is None else Ending(claim=claim, settlement=settlement)


def _run_member(
    claim: Claim, body: executor.Body, *, bench: Bench, members: Members
) -> executor.Went:
    is_guarded = bench.effect_of(claim) == Effect.TRANSACTIONAL
    session = connection.connection
    members.begin()
    try:
        with refusing_to_end():
            went = _run(claim, body, bench=bench)
        if has_closed(session):
            went = _took_away(body)
        elif is_ended():
            went = _ended_it(body)
            connection.close()
        else:
            went = _kept_or_undone(went, body, members=members, is_guarded=is_guarded)
    except executor.AttemptInterrupted as interruption:
        went = executor.interrupted(body, interruption)
        connection.close()
    except TransactionEnded:
        went = _ended_it(body)
        connection.close()
    if is_broken():
        if isinstance(went, executor.Raised | executor.Stopped):
            bench.decided[claim.id] = _ending(claim, body, went)
        raise BrokenTransaction(f"{claim.shown_id} broke the transaction.")
    return went


def _has_collided(went: executor.Went) -> bool:
    """Whether the body lost against another transaction, so that the same once more may pass."""
    return isinstance(went, executor.Raised) and went.failure.code in _COLLIDED


def unstorable(claim: Claim, refused: Exception) -> Ending:
    """How an attempt ends whose own ending the database refuses to store."""
    failure = _failure_of(refused, claim)
    final = replace(failure, code="unstorable", retriable=False)
    return Ending(claim=claim, settlement=_failed(claim, final), is_unstorable=True)


def ending_after(claim: Claim, broken: Exception, *, bench: Bench) -> Ending:
    """How an attempt ends that broke its transaction even when it was alone."""
    known = bench.decided.pop(claim.id, None)
    if known is not None:
        return known
    cause = broken.__cause__ or broken.__context__ or broken
    failure = _failure_of(cause, claim)
    return Ending(claim=claim, settlement=_failed(claim, failure))


def _run(claim: Claim, body: executor.Body, *, bench: Bench) -> executor.Went:
    live = Live(claim=claim, body=body)
    bench.note_deadline(live.deadline)
    try:
        with _seen(live, bench=bench):
            went = executor.run(body)
    finally:
        bench.note_deadline(None)
    if bench.effect_of(claim) != Effect.EXTERNAL:
        # What one cannot undo never shares a transaction.
        bench.quickness.saw(claim.action, monotonic() - live.began_at)
    return went


@contextmanager
def _seen(live: Live, *, bench: Bench) -> Iterator[None]:
    """Let the heartbeat see what runs, from its beginning on."""
    bench.threshold.cross(live.claim.id)
    bench.running[live.claim.id] = live
    try:
        yield
    finally:
        bench.running.pop(live.claim.id, None)


def _kept_or_undone(
    went: executor.Went, body: executor.Body, *, members: Members, is_guarded: bool
) -> executor.Went:
    has_returned = isinstance(went, executor.Returned)
    if members.close_what_is_open():
        members.undo()
        return _left_open(body) if has_returned else went
    if not is_guarded:
        if not is_broken():
            members.pass_on()
        return went
    if not has_returned:
        members.undo()
        return went
    try:
        members.keep()
    except DatabaseError as refused:
        # A deferred constraint: the body is done, and still the database says no.
        members.undo()
        failure = failure_of(
            refused,
            effect=body.spec.effect,
            is_repeatable=body.spec.repeatable,
            secrets=body.unspeakable,
        )
        return executor.Raised(failure=replace(failure, code="constraint_violated"))
    return went


def _took_away(body: executor.Body) -> executor.Raised:
    """The failure of a body that closed the connection, and so undid all that it had written."""
    connection.close()
    message = f"{body.spec.name} closed the database connection, which is the engine's."
    failure = Failure(code="connection_closed", message=message, type="ConnectionClosed")
    return executor.Raised(failure=failure)


def _left_open(body: executor.Body) -> executor.Raised:
    """The failure of a body that has entered a block of `atomic` and not left it."""
    message = (
        f"{body.spec.name} left a transaction.atomic() block open; what it wrote was undone. Use "
        "it in a with statement."
    )
    failure = Failure(code="transaction_left_open", message=message, type="TransactionLeftOpen")
    return executor.Raised(failure=replace(failure, retriable=False))


def _ended_it(body: executor.Body) -> executor.Raised:
    """The failure of a body that committed or rolled back by itself: not to be run again."""
    message = (
        f"{body.spec.name} ended the transaction that it runs in, or the savepoint before it; "
        "leave both to the engine. What it wrote before may have stayed."
    )
    failure = Failure(
        code="transaction_ended",
        message=message,
        type="TransactionEnded",
        retriable=False,
        outcome="unknown",
    )
    return executor.Raised(failure=failure)


def _ending(claim: Claim, body: executor.Body, went: executor.Went) -> Ending:
    lines = storable(body.context.log.take(), secrets=body.unspeakable)
    return Ending(claim=claim, settlement=_settlement(claim, went), log=lines)


def _settlement(claim: Claim, went: executor.Went) -> Settlement:
    match went:
        case executor.Returned(result=result, hidden=hidden):
            return succeeded(result, hidden)
        case executor.Stopped(reason=reason, is_forced=True):
            return stopped_by_force(reason, terms.terms_of(claim), chance=random.random())
        case executor.Stopped(reason=reason):
            return cancelled(reason)
        case executor.Raised(failure=failure):
            return _failed(claim, failure)


def _failure_of(error: BaseException, claim: Claim) -> Failure:
    version = terms.version(claim.version_id)
    return failure_of(
        error,
        effect=Effect(version.effect),
        is_repeatable=version.is_repeatable,
        secrets=(),
    )


def _failed(claim: Claim, failure: Failure) -> Settlement:
    return failed(failure, terms.terms_of(claim), chance=random.random())
