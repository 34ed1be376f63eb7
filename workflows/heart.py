"""A worker's heartbeat: a thread with a database connection of its own. Floor 5.

It extends the lease, tells running actions that somebody wants them to stop, recovers from other
workers that died, moves what waits in the wrong lane, and has the upkeep done. If it cannot extend the lease in time, the worker must
leave.
"""

import logging
import os
import threading
from threading import Event
from time import monotonic

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from actions import executions, logins
from actions.executions import counters, lanes, progress, workers
from actions.executions.bench import Bench
from actions.executions.parting import give_back_waiting
from actions.executions.wake import cancel_channel
from workflows import pulse, runs
from workflows.bell import readable
from workflows.chores import Upkeep
from workflows.overdue import Overdue
from workflows.stopping import StopSign

logger = logging.getLogger(__name__)

_BEATS_PER_LEASE = 6
_UPKEEP_SECONDS = 3600
_LOOK_SECONDS = 0.5
# How much longer than a look for what waits in the wrong lane the pause after it is.
_LANES_PAUSE = 50


class Heart(threading.Thread):
    """Beats until stopped; `is_lost` once the lease is over or the worker was declared dead."""

    def __init__(self, bench: Bench, *, stop: StopSign, overdue: Overdue) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.is_lost = False
        self._bench = bench
        self._worker_id = bench.claimant.worker_id
        self._stop_sign = stop
        self._overdue = overdue
        self._upkeep = Upkeep()
        self._is_done = Event()
        # Readable once `stop` is called, so that the thread may sleep through a whole beat.
        self._done_reader, self._done_writer = os.pipe2(os.O_CLOEXEC)
        self._parent = os.getppid()
        self._lease: float = settings.ACTIONSITE_LEASE_SECONDS
        self._last_beat = self._next_upkeep = self._next_look_at_lanes = monotonic()

    def run(self) -> None:
        """Beat, look after the others, and wait for the next time or a cancel request."""
        while not self._is_done.is_set() and not self.is_lost:
            try:
                pulse.mine().beat()
                self._beat()
                self._wait(self._lease / _BEATS_PER_LEASE)
            except (DatabaseError, psycopg.Error) as failed:
                logger.warning("A heartbeat failed: %s", failed)
                connection.close()
                self._check_lease()
                self._is_done.wait(min(1.0, self._lease / _BEATS_PER_LEASE))
        connection.close()

    def stop(self) -> None:
        """End the thread; what it waits for ends within a moment."""
        self._is_done.set()
        os.write(self._done_writer, b"\0")
        self.join(timeout=self._lease)

    def _beat(self) -> None:
        sent_at = monotonic()
        if not workers.beat(self._worker_id):
            self._lose("it was declared dead")
            return
        self._last_beat = sent_at
        self._pass_on_cancels()
        progress.flush(list(self._bench.running.values()), claimant=self._bench.claimant)
        self._follow_the_parent()
        if sent_at >= self._next_upkeep:
            self._next_upkeep = sent_at + _UPKEEP_SECONDS
            workers.make_partitions()
            runs.make_partitions()
            workers.forget_the_dead()
            counters.forget_unused()
            logins.forget_old()
        counters.heal()
        self._keep_lanes()
        for reaped in executions.reap():
            logger.warning("Worker %s died holding %s.", reaped.label, reaped.held_count)
        self._upkeep.look()

    def _keep_lanes(self) -> None:
        """Move what waits in the wrong lane; where much waits, to look takes long: then seldom."""
        began = monotonic()
        if began >= self._next_look_at_lanes:
            lanes.follow()
            self._next_look_at_lanes = monotonic() + (monotonic() - began) * _LANES_PAUSE

    def _pass_on_cancels(self) -> None:
        if not self._is_busy:
            return
        asked = workers.to_stop(self._worker_id)
        for identity in asked:
            self._overdue.ask(identity)
        give_back_waiting(self._bench, cancelled=asked)

    @property
    def _is_busy(self) -> bool:
        return bool(self._bench.running) or self._bench.hand.has_waiting

    def _wait(self, seconds: float) -> None:
        """Sleep until the next beat; a cancel request is passed on as soon as it comes.

        While something runs, look in between whether it should have ended.
        """
        raw = connection.connection
        raw.execute(f"LISTEN {cancel_channel(self._worker_id)}")
        until = monotonic() + seconds
        while not self._is_done.is_set() and (left := until - monotonic()) > 0:
            nap = min(left, _LOOK_SECONDS) if self._is_busy else left
            ready = readable([raw.fileno(), self._done_reader], seconds=nap)
            pulse.mine().beat()
            self._overdue.look()
            give_back_waiting(self._bench)
            if raw.fileno() in ready:
                for _ in raw.notifies(timeout=0):
                    pass
                self._pass_on_cancels()

    def _check_lease(self) -> None:
        if monotonic() - self._last_beat > self._lease:
            self._lose("the database was out of reach for longer than the lease")

    def _follow_the_parent(self) -> None:
        """An orphan finishes what it has and leaves."""
        if os.getppid() != self._parent:
            self._stop_sign.is_set = True
            self._stop_sign.ring()

    def _lose(self, why: str) -> None:
        logger.error("Worker %s leaves: %s.", self._worker_id, why)
        self.is_lost = True
        self._stop_sign.ring()
