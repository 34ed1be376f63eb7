"""Whether an action has left the process as it found it. Floor 5.

What an action leaves behind in its process would happen to the next one: threads, signal handlers,
limits, a directory, an open transaction. The database session is put right after each turn; for
the rest there is a new process.
"""

import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from actions.executions.claim import Claim

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
_PAGE = resource.getpagesize()
# Whatever a body has SET, listened to, locked or left open, and not what was prepared.
_TIDY_SESSION = """
SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; CLOSE ALL; DISCARD TEMP;
SELECT pg_advisory_unlock_all()
"""


class Health:
    """Compares the process after each turn with what it was before the first."""

    def __init__(self) -> None:
        self.is_spoilt = False
        self._normal: dict[str, Any] = {}
        self._environment: dict[str, str] = {}
        self._daemons = 0

    def take_as_normal(self) -> None:
        """Remember what the process is like now that the worker is set up."""
        self._normal = _state()
        self._environment = dict(os.environ)
        self._daemons = len(_threads(daemon=True))

    def check(self, *, after: Sequence[Claim]) -> None:
        """Tidy the session, and find out whether the process must be replaced."""
        _tidy_session()
        if os.environ != self._environment:
            # Libraries do this at their first call; a new process would only do it again.
            os.environ.clear()
            os.environ.update(self._environment)
        found = [what for what, was in self._normal.items() if _state_of(what) != was]
        if len(_threads(daemon=True)) - self._daemons > _MAX_NEW_DAEMONS:
            found.append("threads in the background")
        if _memory_mb() > settings.ACTIONSITE_WORKER_MEMORY_MB:
            found.append(f"{_memory_mb():.0f} MB of memory")
        if found and not self.is_spoilt:
            self.is_spoilt = True
            names = ", ".join(sorted({one.action for one in after}))
            logger.warning(
                "This worker is replaced: after %s it is left with %s.", names, ", ".join(found)
            )


def _state() -> dict[str, Any]:
    return {what: _state_of(what) for what in _STATES}


def _state_of(what: str) -> Any:
    return _STATES[what]()


def _threads(*, daemon: bool) -> list[threading.Thread]:
    return [
        one
        for one in threading.enumerate()
        if one.daemon == daemon and not one.name.startswith(("loop", "asyncio_"))
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
    "another thread": lambda: len(_threads(daemon=False)),
    "other signal handlers": lambda: [signal.getsignal(one) for one in _SIGNALS],
    "blocked signals": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
    "a running timer": lambda: signal.getitimer(signal.ITIMER_REAL)[0] > 0,
    "other limits of the system": lambda: [resource.getrlimit(one) for one in _LIMITS],
    "another recursion limit": sys.getrecursionlimit,
    "another directory": _working_directory,
    "closed outputs": _open_outputs,
    "another clock": lambda: (time.time, time.monotonic, time.sleep),
}


def _memory_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # twice as fast
        return int(file.read().split()[1]) * _PAGE / 1_048_576


def _tidy_session() -> None:
    """Give the session back the state that it began with; a session in doubt is closed."""
    raw = connection.connection
    if raw is None:
        return
    is_idle = not raw.closed and raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    if not is_idle or connection.in_atomic_block or not connection.get_autocommit():
        connection.close()
        return
    try:
        raw.execute(_TIDY_SESSION, prepare=False)
    except psycopg.Error:
        connection.close()
