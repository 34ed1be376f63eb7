"""End the attempts that will not end, from the heartbeat's thread. Floor 5.

A body is interrupted when its time is up, or when it was asked to stop and does not. One that goes
on all the same is settled here, and as no thread can be ended by another one, its process ends.
"""

import logging
import random
import threading
from time import monotonic
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction

from actions import executor
from actions.executions import followers, wake
from actions.executions.bench import Bench, Live
from actions.executions.settle import Ending, StaleAttempts, settle
from actions.executions.terms import terms_of
from actions.settlement import Settlement, blocked_others, ended_by_force, overran
from workflows import leaving

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 1.0


class Coroutines(Protocol):
    """The lane of coroutines, as this room needs it."""

    def stop(self, identity: UUID) -> None:
        """Interrupt a coroutine."""

    def abandon(self, identity: UUID) -> None:
        """Interrupt a coroutine and do not wait for it any more."""

    def answers(self, seconds: float) -> bool:
        """Whether the loop goes round within so many seconds."""

    def at_work(self) -> UUID | None:
        """Which coroutine has the loop right now."""


class Overdue:
    """Looks after everything that the worker is running."""

    def __init__(self, bench: Bench, loop: Coroutines) -> None:
        self._bench = bench
        self._loop = loop
        self._grace: float = settings.ACTIONSITE_TIMEOUT_GRACE_SECONDS
        self._cancel_grace: float = settings.ACTIONSITE_CANCEL_GRACE_SECONDS
        # Left behind by its lane; its process must be replaced once the others have ended.
        self.has_abandoned = threading.Event()

    def look(self) -> None:
        """Interrupt what was asked to stop, and end what goes on past its grace."""
        now = monotonic()
        late = []
        for live in list(self._bench.running.values()):
            if live.asked_at is not None and now > live.asked_at + self._cancel_grace:
                self._stop(live)
            if now > self._last_moment(live):
                late.append(live)
        for live in late:
            if not live.is_concurrent:
                self._end_worker(live, self._verdict(live))
        if late:
            self._end_coroutines(late)

    def ask(self, identity: UUID) -> None:
        """Tell a body that somebody wants it to stop."""
        live = self._bench.running.get(identity)
        if live is not None and live.asked_at is None:
            live.asked_at = monotonic()
            live.body.context.stop_requested.set()

    def _last_moment(self, live: Live) -> float:
        end = live.deadline
        if live.asked_at is not None:
            end = min(end, live.asked_at + self._cancel_grace)
        return end + self._grace

    def _stop(self, live: Live) -> None:
        if live.body.is_stopped:
            return
        live.body.is_stopped = True
        if live.is_concurrent:
            self._loop.stop(live.claim.id)
        else:
            executor.alarm.stop()

    def _end_coroutines(self, late: list[Live]) -> None:
        """Leave behind those that swallow their interruption; one that holds up the loop ends it."""
        if self._loop.answers(_ANSWER_SECONDS):
            for live in late:
                if self._settle(live, self._verdict(live)):
                    self._loop.abandon(live.claim.id)
                    self.has_abandoned.set()
            return
        culprit = self._bench.running.get(self._loop.at_work() or UUID(int=0))
        if culprit is None:
            return
        is_late = culprit in late
        blocked = monotonic() - min(live.deadline for live in late)
        self._end_worker(
            culprit,
            self._verdict(culprit)
            if is_late
            else blocked_others(
                terms_of(culprit.claim),
                action=culprit.claim.action,
                seconds=blocked,
                chance=_chance(),
            ),
        )

    def _verdict(self, live: Live) -> Settlement:
        if live.asked_at is not None and monotonic() < live.deadline:
            return ended_by_force(terms_of(live.claim), chance=_chance())
        return overran(
            terms_of(live.claim),
            action=live.claim.action,
            limit=live.body.timeout_seconds,
            chance=_chance(),
        )

    def _end_worker(self, live: Live, settlement: Settlement) -> None:
        """End the process once the attempt is settled; what begins in between would be lost with it."""
        self._bench.threshold.shut()
        try:
            if self._settle(live, settlement):
                leaving.because(f"{live.claim.shown_id} would not end", bench=self._bench)
        finally:
            self._bench.threshold.reopen()

    def _settle(self, live: Live, settlement: Settlement) -> bool:
        """Write how an attempt ended that is still running; false if its own lane was faster."""
        lines = executor.storable(live.body.context.log.take(), secrets=live.body.unspeakable)
        ending = Ending(claim=live.claim, settlement=settlement, log=lines)
        try:
            with transaction.atomic():
                settled = settle([ending], self._bench.claimant)
                followers.wake_for(settled.lanes)
        except StaleAttempts:
            return False
        wake.waiters(settled.waited)
        return True


def _chance() -> float:
    """For the jitter of a backoff."""
    return random.random()  # noqa: S311  # no secret
