"""Run one claimed attempt and decide how it ends.

Floor 4, between the claim and the settlement: it gives the executor what it needs and turns what
the body did into what is written.
"""

import random
import time
from dataclasses import dataclass, field, replace
from threading import Event
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection

from actions import executor, registry
from actions.context import ActionLog, Context, DatabaseClock
from actions.executions import terms
from actions.executions.claim import Claim, Claimant
from actions.executions.savepoints import BrokenTransaction, Members, is_broken
from actions.executions.settle import Ending
from actions.executor.failures import failure_of
from actions.executor.lines import storable
from actions.executor.python import timed_out
from actions.executor.secrets import SecretReader
from actions.executor.timer import AttemptTimedOut
from actions.jsontypes import JSON
from actions.quickness import Quickness
from actions.settlement import Settlement, cancelled, failed, succeeded
from actions.states import Effect


@dataclass(kw_only=True, slots=True)
class Bench:
    """What a worker has at hand: who it is, what it has learnt, what it is running.

    `running` maps the executions under way to the flag that asks their code to stop; the
    heartbeat's thread sets it.
    """

    claimant: Claimant
    quickness: Quickness = field(default_factory=Quickness)
    running: dict[UUID, Event] = field(default_factory=dict)
    # How attempts end that took their transaction down with them: settled in the next one.
    decided: dict[UUID, Ending] = field(default_factory=dict)

    def effect_of(self, claim: Claim) -> Effect:
        """What the claimed version does to the world."""
        return Effect(terms.version(claim.version_id).effect)

    def queue_of(self, claim: Claim) -> str:
        """The queue of the claimed version."""
        return terms.version(claim.version_id).queue

    def run_outside(self, claim: Claim) -> Ending:
        """Run a body outside any transaction."""
        body = self._body(claim)
        try:
            went = self._run(claim, body)
        except AttemptTimedOut:
            connection.close()
            went = timed_out(body)
        return _ending(claim, body, went)

    def run_inside(self, claim: Claim, *, members: Members) -> Ending:
        """Run a body as one member of the open transaction; a failed one leaves nothing in it."""
        known = self.decided.pop(claim.id, None)
        if known is not None:
            return known
        body = self._body(claim)
        is_guarded = self.effect_of(claim) == Effect.TRANSACTIONAL
        if is_guarded:
            members.begin()
        try:
            went = self._run(claim, body)
            if is_guarded:
                went = _kept_or_undone(went, body, members=members)
        except AttemptTimedOut:
            self.decided[claim.id] = _ending(claim, body, timed_out(body))
            raise BrokenTransaction(f"{claim.shown_id} was interrupted.") from None
        if is_broken():
            if isinstance(went, executor.Raised):
                self.decided[claim.id] = _ending(claim, body, went)
            raise BrokenTransaction(f"{claim.shown_id} broke the transaction.")
        return _ending(claim, body, went)

    def ending_after(self, claim: Claim, broken: Exception) -> Ending:
        """How an attempt ends that broke its transaction even when it was alone."""
        known = self.decided.pop(claim.id, None)
        if known is not None:
            return known
        cause = broken.__cause__ or broken.__context__ or broken
        failure = failure_of(cause, effect=self.effect_of(claim), secrets=())
        return Ending(
            claim=claim,
            settlement=failed(failure, terms.terms_of(claim), chance=random.random()),
        )

    def _run(self, claim: Claim, body: executor.Body) -> executor.Went:
        self.running[claim.id] = body.context.stop_requested
        began = time.monotonic()
        try:
            return executor.run(body)
        finally:
            self.quickness.saw(claim.action, time.monotonic() - began)
            del self.running[claim.id]

    def _body(self, claim: Claim) -> executor.Body:
        spec = registry.get(claim.action)
        if spec is None:
            raise LookupError(f"This worker has no code for {claim.action}.")
        version = terms.version(claim.version_id)
        secrets = SecretReader()
        return executor.Body(
            spec=spec,
            params=claim.params,
            secrets=secrets,
            result_schema=version.result_schema,
            timeout_seconds=version.timeout_seconds,
            max_result_bytes=settings.ACTIONSITE_MAX_RESULT_BYTES,
            context=Context(
                execution_id=claim.shown_id,
                attempt=claim.attempt,
                idempotency_key=claim.downstream_key,
                log=ActionLog(DatabaseClock(claim.started_at)),
                read_secret=secrets,
                beat=_beat,
            ),
        )


def _beat(progress: JSON) -> bool:
    """The flag alone tells: the heartbeat's thread sets it as soon as a cancel is asked for."""
    return False


def _kept_or_undone(went: executor.Went, body: executor.Body, *, members: Members) -> executor.Went:
    if isinstance(went, executor.Returned):
        try:
            members.keep()
        except DatabaseError as refused:
            # A deferred constraint: the body is done and still the database says no.
            members.undo()
            failure = failure_of(refused, effect=body.spec.effect, secrets=body.secrets.values)
            return executor.Raised(failure=replace(failure, code="constraint_violated"))
        return went
    members.undo()
    return went


def _ending(claim: Claim, body: executor.Body, went: executor.Went) -> Ending:
    lines = storable(body.context.log.take(), secrets=body.secrets.values)
    return Ending(claim=claim, settlement=_settlement(claim, went), log=lines)


def _settlement(claim: Claim, went: executor.Went) -> Settlement:
    match went:
        case executor.Returned(result=result):
            return succeeded(result)
        case executor.Stopped(reason=reason):
            return cancelled(reason)
        case executor.Raised(failure=failure):
            return failed(failure, terms.terms_of(claim), chance=random.random())
