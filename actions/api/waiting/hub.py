"""Where requests wait for something to end: one hub for each event loop. Floor 5.

It listens on a database connection of its own. Settling notifies only while somebody waits, and a
notification may be lost, so everything that is waited for is also looked up once a second, in one
query for each kind. A waiting request is one future: neither a thread nor a connection.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error, connection

from actions.api.loops import OneForEachLoop
from actions.executions.wake import DONE_CHANNEL
from actions.models import Execution

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
# A notification comes within milliseconds of the answer that it overtakes.
REMEMBERED = 1_000
CONNECT_SECONDS = 5
# A caller waits no longer than this for the hub to have begun to listen.
BEGIN_SECONDS = 1.0

Told = asyncio.Future[None]
# Gives those of these ids that have ended.
Look = Callable[[Collection[UUID]], Sequence[UUID]]
_looks: list[Look] = [Execution.objects.ended_among]


def look_also(look: Look) -> None:
    """Let callers wait for rows of another kind too; their ids differ from all others."""
    _looks.append(look)


class Hub:
    """The requests of one event loop that wait, by the id of what they wait for."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[Told]] = {}
        # What was heard of last, for a caller who is not in place yet.
        self._heard: deque[UUID] = deque(maxlen=REMEMBERED)
        self._listens_since: float | None = None
        self._somebody_waits = asyncio.Event()
        self._has_tried_to_listen = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Not in the context of the request that happens to come first: it will end before these.
        self._tasks = [
            loop.create_task(self._listen(), context=Context()),
            loop.create_task(self._look(), context=Context()),
        ]

    @property
    def is_full(self) -> bool:
        """Whether ACTIONSITE_WAITERS_MAX requests wait already."""
        count = sum(map(len, self._waiting.values()))
        return count >= settings.ACTIONSITE_WAITERS_MAX

    @contextmanager
    def place(self, identity: UUID) -> Iterator[Told]:
        """A future that is done once that one is said to have ended, now or just before."""
        told: Told = asyncio.get_running_loop().create_future()
        if identity in self._heard:
            told.set_result(None)
        self._waiting.setdefault(identity, set()).add(told)
        self._somebody_waits.set()
        try:
            yield told
        finally:
            self._leave(identity, told)

    def has_listened_since(self, moment: float) -> bool:
        """Whether nothing has been missed since then, by the monotonic clock.

        Else look at the row after taking a place.
        """
        return self._listens_since is not None and self._listens_since <= moment

    async def begun(self) -> None:
        """Return once the hub listens, or has found that it cannot yet."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_SECONDS):
                await self._has_tried_to_listen.wait()

    def _leave(self, identity: UUID, told: Told) -> None:
        others = self._waiting.get(identity, set())
        others.discard(told)
        if not others:
            self._waiting.pop(identity, None)
        if not self._waiting:
            self._somebody_waits.clear()

    def _tell(self, identity: UUID) -> None:
        for told in self._waiting.get(identity, ()):
            if not told.done():
                told.set_result(None)

    async def _listen(self) -> None:
        """Hear what has ended, for as long as the loop runs, through whatever connections."""
        while True:
            try:
                async for identity in _outcomes(self._begin_to_listen):
                    self._heard.append(identity)
                    self._tell(identity)
            except psycopg.Error as lost:
                logger.warning("Cannot hear of outcomes, looking once a second: %s", lost)
            self._listens_since = None
            self._has_tried_to_listen.set()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _begin_to_listen(self) -> None:
        self._listens_since = time.monotonic()
        self._has_tried_to_listen.set()

    async def _look(self) -> None:
        """While somebody waits, see once a second what has ended unheard."""
        while True:
            await self._somebody_waits.wait()
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                ended = await _ended_among(tuple(self._waiting))
            except Error as unreachable:
                logger.warning("Cannot look for outcomes: %s", unreachable)
                continue
            for identity in ended:
                self._tell(identity)


hub_of_this_loop = OneForEachLoop(Hub)


async def _outcomes(begin: Callable[[], None]) -> AsyncIterator[UUID]:
    """What is said to have ended, once it listens, which `begin` is told."""
    url = settings.DATABASE_DIRECT_URL
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=CONNECT_SECONDS
    ) as ear:
        await ear.execute(f"LISTEN {DONE_CHANNEL}".encode())
        begin()
        async for notice in ear.notifies():
            # Whoever may connect to the database may say anything here.
            with suppress(ValueError):
                yield UUID(notice.payload)


def _read_ended(identities: Collection[UUID]) -> list[UUID]:
    try:
        return [found for look in _looks for found in look(identities)]
    finally:
        connection.close()


# Any thread will do, for no request's transaction is looked into.
_ended_among = sync_to_async(_read_ended, thread_sensitive=False)
