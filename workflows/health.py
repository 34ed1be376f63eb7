"""Whether an action has left the process as it found it. Floor 5.

What an action leaves behind in its process would happen to the next one: threads, signal handlers,
limits, open files, a directory. Where it has changed, there is a new process.
"""

import logging
import os
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from actions import vault
from actions.executions.bench import Live
from workflows import chores
from workflows.descriptors import Descriptors
from workflows.sessions import Sessions

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD)
_LIMITS = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_DATA,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_NPROC,
    resource.RLIMIT_STACK,
)
_MAX_NEW_DAEMONS = 20
# Threads in which coroutines have left blocking calls behind; one set of them is in use.
THREADS_OF_COROUTINES = "asyncio_"
_MAX_THREADS_OF_COROUTINES = 40
_OURS = ("loop", chores.THREAD_NAME, THREADS_OF_COROUTINES, vault.THREAD_NAME)
_THREADS = "another thread"


class Health:
    """Compares the process after each turn with what it was before the first."""

    def __init__(self, running: Mapping[UUID, Live]) -> None:
        self._running = running
        self.is_spoilt = False
        self._normal: dict[str, Any] = {}
        self._environment: dict[str, str] = {}
        self._mask = b""
        self._daemons = 0
        self._sessions = Sessions(ours=("heart", "loop", chores.THREAD_NAME, vault.THREAD_NAME))
        self._sessions.watch()
        self._descriptors = Descriptors(self._sessions)

    def take_as_normal(self) -> None:
        """Remember what the process is like now that the worker is set up."""
        self._normal = _state()
        self._environment = dict(os.environ)
        self._mask = _status().mask
        self._daemons = len(_threads(daemon=True))
        self._descriptors.take_as_normal()

    def check(self, *, after: Collection[str]) -> None:
        """Find out, after these actions, whether the process must be replaced.

        What others are doing at the moment is not held against it: a plain body that runs is
        looked at when it has ended, and threads are counted while nobody may need one. Open files
        and sockets are looked at after a plain body, by its thread.
        """
        if any(not live.is_concurrent for live in list(self._running.values())):
            return
        if os.environ != self._environment:
            # Libraries do this at their first call; a new process would only do it again.
            os.environ.clear()
            os.environ.update(self._environment)
        found = self._differences()
        if found:
            self._spoil(after, found)

    def _differences(self) -> list[str]:
        try:
            status = _status()
        except OSError as refused:
            return [str(refused)]
        found = [what for what, was in self._normal.items() if _state_of(what) != was]
        if self._running and _THREADS in found:
            found.remove(_THREADS)
        if self._has_many_threads():
            found.append("threads in the background")
        if not self._running and self._sessions.are_left_open():
            found.append("a database session of another thread")
        if threading.current_thread() is threading.main_thread():
            found += self._descriptors.found(under_way=list(self._running))
        megabytes = status.kilobytes / 1024
        if megabytes > settings.ACTIONSITE_WORKER_MEMORY_MB:
            found.append(f"{megabytes:.0f} MB of memory")
        if status.mask != self._mask:
            found.append("another file mask")
        return found

    def _has_many_threads(self) -> bool:
        named = (one.name for one in threading.enumerate())
        of_coroutines = sum(name.startswith(THREADS_OF_COROUTINES) for name in named)
        new_daemons = len(_threads(daemon=True)) - self._daemons
        return new_daemons > _MAX_NEW_DAEMONS or of_coroutines > _MAX_THREADS_OF_COROUTINES

    def _spoil(self, after: Collection[str], found: list[str]) -> None:
        if not self.is_spoilt:
            self.is_spoilt = True
            names, left = ", ".join(sorted(after)), ", ".join(found)
            logger.warning("This worker is replaced: after %s it is left with %s.", names, left)


def _state() -> dict[str, Any]:
    return {what: _state_of(what) for what in _STATES}


def _state_of(what: str) -> Any:
    return _STATES[what]()


def _threads(*, daemon: bool) -> list[threading.Thread]:
    return [
        one
        for one in threading.enumerate()
        if one.daemon == daemon and not one.name.startswith(_OURS)
    ]


def _working_directory() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  # the system's word, cheaply
    except OSError:
        return ""


def _open_outputs() -> tuple[bool, ...]:
    return tuple(_is_open(descriptor) for descriptor in (0, 1, 2))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


_STATES: dict[str, Callable[[], Any]] = {
    _THREADS: lambda: len(_threads(daemon=False)),
    "other signal handlers": lambda: [signal.getsignal(one) for one in _SIGNALS],
    "blocked signals": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
    "a running timer": lambda: signal.getitimer(signal.ITIMER_REAL)[0] > 0,
    "other limits of the system": lambda: [resource.getrlimit(one) for one in _LIMITS],
    "another recursion limit": sys.getrecursionlimit,
    "another directory": _working_directory,
    "another niceness": lambda: os.nice(0),
    "closed outputs": _open_outputs,
    "another clock": lambda: (time.time, time.monotonic, time.sleep),
}


class _Status(NamedTuple):
    """What the system says of this process."""

    mask: bytes
    kilobytes: int


_STATUS = re.compile(rb"^Umask:\t(\d+)$.*^VmRSS:\t *(\d+) kB$", re.MULTILINE | re.DOTALL)


def _status() -> _Status:
    with Path("/proc/self/status").open("rb", buffering=0) as file:
        found = _STATUS.search(file.read())
    if found is None:
        raise OSError("the system does not say how much memory it has")
    return _Status(mask=found[1], kilobytes=int(found[2]))
