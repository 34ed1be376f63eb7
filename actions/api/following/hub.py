"""Where followers wait for new events: one hub for each event loop. Floor 5.

Twice a second it asks, in one query for all that are followed, what has come since; an event is
written in the transaction that makes it true, so nothing is said that may still be undone.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error, connection

from actions.api.loops import OneForEachLoop
from actions.models import Execution, ExecutionEvent

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.5
# One look reads no more; what is left comes with the next.
MOST_EVENTS = 2_000


@dataclass(eq=False, kw_only=True, slots=True)
class Follower:
    """One stream: what it follows, the last number that it has been given, and what is new."""

    execution_id: UUID
    seen: int
    is_over: bool = False
    fresh: list[ExecutionEvent] = field(default_factory=list)
    has_news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> list[ExecutionEvent]:
        """What is new since the last call."""
        taken, self.fresh = self.fresh, []
        self.has_news.clear()
        return taken


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What one look has found after the numbers that were `seen` when it began.

    The new events, and who has ended with which number.
    """

    seen: Mapping[UUID, int]
    events: list[ExecutionEvent]
    ended: Mapping[UUID, int]


class Hub:
    """The followers of one event loop."""

    def __init__(self) -> None:
        self._followers: set[Follower] = set()
        self._somebody_follows = asyncio.Event()
        # Not in the context of the request that happens to come first: it will end before this.
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._look(), context=Context())

    @property
    def is_full(self) -> bool:
        """Whether ACTIONSITE_STREAMS_MAX follow already."""
        return len(self._followers) >= settings.ACTIONSITE_STREAMS_MAX

    @contextmanager
    def place(self, execution_id: UUID, *, after: int) -> Iterator[Follower]:
        """A follower that is given what comes after that number, until the block ends."""
        follower = Follower(execution_id=execution_id, seen=after)
        self._followers.add(follower)
        self._somebody_follows.set()
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            if not self._followers:
                self._somebody_follows.clear()

    async def _look(self) -> None:
        while True:
            await self._somebody_follows.wait()
            try:
                self._give(await _news_since(self._seen()))
            except Error as unreachable:
                logger.warning("Cannot look for new events: %s", unreachable)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _seen(self) -> dict[UUID, int]:
        """For each execution the last number that every follower of it has."""
        seen: dict[UUID, int] = {}
        for one in self._followers:
            seen[one.execution_id] = min(one.seen, seen.get(one.execution_id, one.seen))
        return seen

    def _give(self, news: News) -> None:
        by_execution: dict[UUID, list[ExecutionEvent]] = {}
        for event in news.events:
            by_execution.setdefault(event.execution_id, []).append(event)
        for one in self._followers:
            # Who has joined since the look began may be behind what it has read.
            if one.seen < news.seen.get(one.execution_id, one.seen):
                continue
            fresh = [
                event for event in by_execution.get(one.execution_id, ()) if event.seq > one.seen
            ]
            if fresh:
                one.fresh += fresh
                one.seen = fresh[-1].seq
            last = news.ended.get(one.execution_id)
            one.is_over = last is not None and one.seen >= last
            if fresh or one.is_over:
                one.has_news.set()


hub_of_this_loop = OneForEachLoop(Hub)


def _read_news(seen: Mapping[UUID, int]) -> News:
    try:
        # First who has ended: what is said of an execution after its end is not waited for.
        ended = Execution.objects.last_numbers_of_ended(list(seen))
        events = ExecutionEvent.objects.since(seen, limit=MOST_EVENTS)
        return News(seen=seen, events=events, ended=ended)
    finally:
        connection.close()


# Any thread will do, for no request's transaction is looked into.
_news_since = sync_to_async(_read_news, thread_sensitive=False)
