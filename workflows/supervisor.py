"""The cluster's supervision, on top of django-q2's sentinel. Floor 5.

django-q2 forks the pusher, the monitor and the workers; this changes how they live and die. What
was found and why each part is as it is: docs/adr/0002-the-executions-table-is-the-queue.md.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django_q.brokers import get_broker
from django_q.cluster import Sentinel, get_mp_context
from django_q.worker import worker

from actions.executions.reap import expire
from workflows import strays
from workflows.pulse import IN_WORDS, Pulse, adopt

logger = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_GUARD_SECONDS = 0.5
_SHORT_LIFE_SECONDS = 2.0


class StopFlag:
    """One shared byte, made before the fork.

    Not a multiprocessing.Event: setting one whose sleeper has died never returns.
    """

    def __init__(self) -> None:
        self._byte = RawValue(ctypes.c_bool)

    @property
    def is_set(self) -> bool:
        """Whether the cluster is to stop."""
        return bool(self._byte.value)

    def set(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Ask the cluster to stop; fit for a signal handler."""
        self._byte.value = True


def run_cluster() -> int:
    """Run workers until SIGTERM or SIGINT; return the exit code.

    The main process only passes the wish on. If the sentinel is killed, its children end with it
    and the code is 1, so that whoever started this starts it again.
    """
    flag = StopFlag()
    signal.signal(signal.SIGTERM, flag.set)
    signal.signal(signal.SIGINT, flag.set)
    connections.close_all()
    strays.take_in()
    sentinel = get_mp_context().Process(target=_guard, args=(flag, os.getpid()), name="sentinel")
    sentinel.start()
    while sentinel.is_alive():
        sentinel.join(timeout=1)
    if sentinel.exitcode:
        logger.error("The sentinel ended with code %s.", sentinel.exitcode)
        strays.end_within(settings.ACTIONSITE_STOP_GRACE_SECONDS)
        return 1
    return 0


def _guard(flag: StopFlag, parent: int) -> None:
    _die_with_the_parent(parent, signal.SIGKILL)
    strays.take_in()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Guard(flag)


class Guard(Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's sentinel with a plain loop: restart what died, stop when the flag says so."""

    def __init__(self, flag: StopFlag) -> None:
        self._flag = flag
        self._born_at: dict[int | None, float] = {}
        self._pulses: dict[int | None, Pulse] = {}
        self._reasons: dict[int | None, str] = {}
        super().__init__(_NoEvent(), _NoEvent(), uuid.uuid4(), broker=get_broker(), start=False)
        # The base class lets SIGTERM end the sentinel, which would orphan the workers.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.spawn_cluster()
        self.guard()
        self.stop()

    def spawn_cluster(self) -> None:
        """Start the workers, the monitor and the pusher."""
        self.pool: list[BaseProcess] = []
        for _ in range(self.pool_size):
            self.spawn_worker()
        self.monitor = self.spawn_monitor()
        self.pusher = self.spawn_pusher()

    def spawn_process(self, target: Callable[..., None], *args: Any) -> BaseProcess:
        """Fork a child that ends when this process does."""
        is_worker, pulse = target is worker, Pulse()
        life = partial(_work, target, pulse) if is_worker else partial(_help, target)
        child: BaseProcess = get_mp_context().Process(
            target=life, args=(os.getpid(), *args), daemon=not is_worker
        )
        child.start()
        self._born_at[child.pid] = time.monotonic()
        if is_worker:
            self.pool.append(child)
            self._pulses[child.pid] = pulse
        return child

    def guard(self) -> None:
        """Replace what dies until the flag is set."""
        while not self._flag.is_set:
            children = [*self.pool, self.monitor, self.pusher]
            wait([child.sentinel for child in children], timeout=_GUARD_SECONDS)
            for child in children:
                if not child.is_alive() and not self._flag.is_set:
                    self._replace(child)
            self._end_the_stuck()

    def stop(self) -> None:
        """Let the workers finish up to the grace, kill who is left, then end the helpers."""
        for child in self.pool:
            _send(child, signal.SIGTERM)
        until = time.monotonic() + settings.ACTIONSITE_STOP_GRACE_SECONDS
        for child in self.pool:
            child.join(timeout=max(0.0, until - time.monotonic()))
        overdue = [child for child in self.pool if child.is_alive()]
        for child in [*overdue, self.pusher, self.monitor]:
            if child.is_alive():
                _send(child, signal.SIGKILL)
            child.join()
        for child in overdue:
            logger.error("Worker %s did not leave within its grace and was ended.", child.pid)
            _end_lease(self._pulses[child.pid].worker_id)
        strays.end(self._known())
        for queue in (self.task_queue, self.result_queue):
            queue.cancel_join_thread()

    def _end_the_stuck(self) -> None:
        """Kill workers that hang where nothing in their process can end them."""
        for child in self.pool:
            reason = self._pulses[child.pid].reason_to_end()
            if reason is None or not child.is_alive():
                continue
            if child.pid not in self._reasons:
                logger.error("Worker %s is ended: %s.", child.pid, IN_WORDS[reason])
            self._reasons[child.pid] = reason
            _send(child, signal.SIGKILL)

    def _known(self) -> set[int]:
        return {child.pid or 0 for child in (*self.pool, self.monitor, self.pusher)}

    def _replace(self, child: BaseProcess) -> None:
        lived = time.monotonic() - self._born_at.pop(child.pid, 0.0)
        if child.exitcode and lived < _SHORT_LIFE_SECONDS:
            # It cannot even start, because the database is away, say: do not spin.
            time.sleep(_GUARD_SECONDS)
        if child is self.monitor:
            self.monitor = self.spawn_monitor()
        elif child is self.pusher:
            self.pusher = self.spawn_pusher()
        else:
            self.pool.remove(child)
            reason, pulse = self._reasons.pop(child.pid, ""), self._pulses.pop(child.pid)
            # An action may end its process with any code, 0 too: the row says who has signed off.
            if _end_lease(pulse.worker_id, reason=reason) or child.exitcode:
                logger.error("Worker %s died with code %s.", child.pid, child.exitcode)
            strays.end(self._known())
            self.spawn_worker()


class _NoEvent:
    """Stands where the base class keeps its events; nothing here waits on one."""

    def is_set(self) -> bool:
        return False

    def set(self) -> None:
        return None


def _work(target: Callable[..., None], pulse: Pulse, parent: int, *args: Any) -> None:
    """A worker's life: orphaned, it may finish what it has."""
    adopt(pulse)
    _die_with_the_parent(parent, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    target(*args)


def _help(target: Callable[..., None], parent: int, *args: Any) -> None:
    """The life of the pusher and the monitor: only the guard ends it.

    A signal to the whole group would otherwise pull them away from under the workers.
    """
    _die_with_the_parent(parent, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    target(*args)


def _die_with_the_parent(parent: int, signum: signal.Signals) -> None:
    """Ask Linux for a signal when the parent dies; elsewhere the heartbeat notices."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _end_lease(worker_id: int, *, reason: str = "") -> bool:
    """A dead child needs no waiting for its lease to run out; false if it had signed off."""
    try:
        return expire(worker_id, reason=reason)
    except Error as unreachable:
        logger.warning("The lease of worker %s runs out by itself: %s", worker_id, unreachable)
        return False
    finally:
        connections.close_all()


def _send(child: BaseProcess, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid or 0, signum)
