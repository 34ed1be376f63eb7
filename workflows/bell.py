"""What an idle worker waits on. Floor 5.

A connection of its own listens for submitters; where it cannot be had, the wait just lasts until
the next poll.
"""

import logging
import select
from collections.abc import Iterable

import psycopg
from django.conf import settings

from actions.executions.claim import Claimant
from actions.executions.wake import work_channel
from workflows import sessions
from workflows.stopping import StopSign

logger = logging.getLogger(__name__)


class Bell:
    """Rings when somebody has submitted work for this lane of the worker."""

    def __init__(self, lane: Claimant) -> None:
        self._channel = work_channel(lane.worker_id, is_concurrent=lane.is_concurrent)
        self._connection: psycopg.Connection | None = None
        self._listen()

    def wait(self, seconds: float, *, wake_on: StopSign) -> None:
        """Return when the bell rings, the worker is to stop, or the time is up."""
        listening = self._listen()
        watched = [wake_on.fileno(), *([listening.fileno()] if listening else [])]
        ready = readable(watched, seconds=seconds)
        if wake_on.fileno() in ready:
            wake_on.clear_ring()
        if listening and listening.fileno() in ready:
            _take_notices(listening)

    @property
    def fileno(self) -> int | None:
        """What becomes readable when the bell rings; None while it cannot listen."""
        listening = self._listen()
        return listening.fileno() if listening else None

    def silence(self) -> None:
        """Take what has rung."""
        if self._connection is not None:
            _take_notices(self._connection)

    def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            self._connection.close()

    def _listen(self) -> psycopg.Connection | None:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        try:
            self._connection = psycopg.connect(settings.DATABASE_DIRECT_URL, autocommit=True)
            sessions.is_ours(self._connection)
            self._connection.execute(f"LISTEN {self._channel}")
        except psycopg.Error as unreachable:
            logger.warning("Cannot listen for work, polling instead: %s", unreachable)
            self._connection = None
        return self._connection


def readable(descriptors: Iterable[int], *, seconds: float) -> set[int]:
    """Those that can be read, waiting so long for the first; any number may be open."""
    watch = select.poll()
    for descriptor in descriptors:
        watch.register(descriptor, select.POLLIN)
    return {descriptor for descriptor, _ in watch.poll(seconds * 1000)}


def _take_notices(listening: psycopg.Connection) -> None:
    try:
        for _ in listening.notifies(timeout=0):
            pass
    except psycopg.Error:
        listening.close()
