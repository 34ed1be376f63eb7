"""The loop that a worker runs. Floor 5, a door: the lowest place that sees both apps.

A worker of the cluster takes one message from django-q2, `drain`, and from then on claims from
the executions table until it is told to stop.
"""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.signals import connection_created

from actions import executions, executor, registry
from actions.executions import workers
from actions.executions.bench import Bench
from actions.executions.claim import Claim, Claimant
from actions.executions.parting import part_with
from actions.executions.patience import is_out_of_reach, until_reachable
from actions.executions.perform import Turn, first_claim, take_stock
from workflows import leaving, pulse
from workflows.bell import Bell
from workflows.health import Health
from workflows.heart import Heart
from workflows.loop import LOOK_AGAIN_SECONDS, LoopLane
from workflows.overdue import Overdue
from workflows.stopping import StopSign

logger = logging.getLogger(__name__)

# A worker leaves after so many executions and is replaced, so that nothing can pile up in it.
EXECUTIONS_PER_WORKER = 100_000


def drain() -> None:
    """Work until told to stop, then leave the process; the supervisor starts another if it should.

    claim a group → run each → settle the group and claim the next in one transaction → …
    nothing is due: say so, look once more, wait for a notification or the next due time.
    """
    with Shift() as shift:
        group: list[Claim] = []
        while not shift.is_over:
            group = shift.perform(group) if group else shift.wait_for_work()
        shift.leave(group)
    leaving.orderly()


class Shift:
    """A worker from its coming to its leaving: its row, its lease, its bell."""

    def __init__(self) -> None:
        self._stop = StopSign()
        self._bench, coroutines = _bench(self._stop)
        self._bell = Bell(self._bench.claimant)
        self._health = Health(self._bench.running)
        self._loop = LoopLane(
            self._bench,
            actions=coroutines,
            is_over=lambda: self.is_over,
            check=self._health.check,
        )
        self._overdue = Overdue(self._bench, self._loop)
        self._heart = Heart(self._bench, stop=self._stop, overdue=self._overdue)
        self._bench.may_wait = lambda: not self._heart.is_lost
        self._left = EXECUTIONS_PER_WORKER

    def __enter__(self) -> Self:
        executor.alarm.install()
        connection_created.connect(self._note_session)
        self._heart.start()
        self._loop.start()
        self._health.take_as_normal()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            leaving.at_once("The main lane", bench=self._bench)
        self._loop.leave()
        self._heart.stop()
        self._bell.close()

    @property
    def is_over(self) -> bool:
        """Whether to take nothing more: told to stop, declared dead, spoilt or worked long enough."""
        is_called_off = self._stop.is_set or self._heart.is_lost
        is_worn_out = self._left <= 0 or self._health.is_spoilt
        return is_called_off or is_worn_out or self._overdue.has_abandoned.is_set()

    def perform(self, group: list[Claim]) -> list[Claim]:
        """Run and settle a group; return what is in hand next."""
        turn: Turn = executions.perform(group, bench=self._bench, may_claim=not self.is_over)
        self._left -= turn.ended_count
        self._health.check(after={one.action for one in group})
        return turn.group

    def wait_for_work(self) -> list[Claim]:
        """Return claims, waiting until there are some or the shift is over."""
        pulse.mine().turn()
        try:
            return self._wait_for_work()
        except (DatabaseError, InterfaceError) as failed:
            connection.close()
            if not is_out_of_reach(failed):
                raise
            return take_stock(self._bench)

    def _wait_for_work(self) -> list[Claim]:
        """Wait without missing a submission.

        The worker says that it is idle and then looks once more, so a submission that saw nobody
        idle is found by that look, and a later one rings the bell.
        """
        workers.idle(self._bench.claimant)
        while not self.is_over:
            group = first_claim(self._bench)
            if group:
                return group
            self._bell.wait(self._seconds_to_wait(), wake_on=self._stop)
            pulse.mine().turn()
        return []

    def leave(self, group: list[Claim]) -> None:
        """Give back what was claimed and not begun, and sign off."""
        claimant = self._bench.claimant
        self._try(lambda: workers.stopping(claimant.worker_id))
        self._try(lambda: part_with(group, bench=self._bench))
        self._loop.leave()
        self._try(lambda: workers.stopped(claimant.worker_id))
        logger.info("Worker %s has left.", claimant.label)

    def _try(self, call: Callable[[], None]) -> None:
        """Call it if the database can be reached: its absence must not cut the other lane off."""
        try:
            until_reachable(call, may_wait=self._bench.may_wait)
        except (DatabaseError, InterfaceError) as unreachable:
            logger.warning("Left to whoever reaps this worker: %s", unreachable)

    def _note_session(self, **_: object) -> None:
        """Whoever reaps this worker ends the session of its main lane, which may have changed."""
        if threading.current_thread() is threading.main_thread():
            workers.note_session(self._bench.claimant.worker_id)

    def _seconds_to_wait(self) -> float:
        due = workers.seconds_to_next_due(self._bench.claimant)
        poll: float = settings.ACTIONSITE_POLL_SECONDS
        return poll if due is None else min(max(due, LOOK_AGAIN_SECONDS), poll)


def _bench(stop: StopSign) -> tuple[Bench, tuple[str, ...]]:
    """The main lane's bench, the worker's row behind it, and the actions of the other lane."""
    queues = tuple(settings.ACTIONSITE_QUEUES)
    specs = registry.all_specs()
    coroutines = tuple(name for name, spec in specs.items() if spec.is_async)
    registered = until_reachable(
        lambda: workers.register(queues=queues, actions=tuple(specs), coroutines=coroutines),
        may_wait=lambda: not stop.is_set,
    )
    pulse.mine().introduce(registered.id)
    bench = Bench(
        claimant=Claimant(
            worker_id=registered.id,
            label=registered.label,
            actions=tuple(name for name, spec in specs.items() if not spec.is_async),
            queues=queues,
        ),
        note_deadline=pulse.mine().note_deadline,
    )
    return bench, coroutines
