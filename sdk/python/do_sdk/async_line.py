"""The line for asyncio: goes through the steps of calls and streams. Floor: transport."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import TypeVar

import httpx2

from do_sdk import answers, lines, options, wire
from do_sdk.budget import Budget
from do_sdk.calls import Heard, Pause, Send, Steps
from do_sdk.errors import DoError
from do_sdk.kinds import Kept, Kind
from do_sdk.records import Event, Pending, Record
from do_sdk.settings import Settings
from do_sdk.streams import BROKEN_SECONDS, Follower, Reader

Value = TypeVar("Value")


class AsyncLine:
    """A pool of connections to one service; `handle_of` makes what a Pending carries."""

    def __init__(
        self,
        settings: Settings,
        *,
        max_connections: int,
        transport: httpx2.AsyncBaseTransport | None,
        handle_of: Callable[[Record, str | None], object],
    ) -> None:
        self._settings = settings
        self._handle_of = handle_of
        self._client = httpx2.AsyncClient(
            headers=settings.headers, limits=lines.limits(max_connections), transport=transport
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def budget(self, timeout: float | None) -> Budget:
        """The time of a call that begins now; in seconds, the client's own if None."""
        until = time.monotonic() + self._settings.seconds_of(timeout)
        return Budget(until=until, clock=time.monotonic, chance=random.random)

    async def run(self, steps: Steps[Value]) -> Value:
        """Go through the steps of a call; returns its value or raises its error."""
        heard: Heard = None
        try:
            while True:
                heard = await self._take(steps.send(heard))
        except StopIteration as end:
            value: Value = end.value
            return value
        except Pending as pending:
            pending.handle = self._handle_of(pending.record, pending.key)
            raise

    def follow(self, kind: Kind[Kept], identity: str, *, after: int) -> AsyncGenerator[Event]:
        """A log after that number, on to its end."""
        options.check({"after": after})
        found = self._stream if kind.has_stream else self._read
        return found(kind, identity, after=after)

    async def _read(self, kind: Kind[Kept], identity: str, *, after: int) -> AsyncGenerator[Event]:
        reader = Reader(kind, identity, after=after)
        budget = partial(self.budget, BROKEN_SECONDS)
        while not reader.is_over:
            for event in await self.run(reader.more(budget=budget)):
                yield event

    async def _stream(
        self, kind: Kind[Kept], identity: str, *, after: int
    ) -> AsyncGenerator[Event]:
        request = wire.events(kind.path, identity)
        follower = Follower(request, after=after, clock=time.monotonic, chance=random.random)
        while not follower.is_over:
            trouble: DoError | None = None
            try:
                async with aclosing(self._follow_once(follower)) as events:
                    async for event in events:
                        yield event
            except lines.TROUBLES as error:
                trouble = lines.failure_of(error)
            except DoError as error:
                trouble = error
            if not follower.is_over:
                await asyncio.sleep(follower.delay_after(trouble))

    async def _take(self, step: Send | Pause) -> Heard:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        try:
            async with (
                asyncio.timeout(step.allowance.left),
                self._client.stream(**lines.request_options(self._settings, step)) as response,
            ):
                if lines.is_of_another(response):
                    return answers.of_another()
                await response.aread()
        except lines.TROUBLES as error:
            return lines.failure_of(error)
        except TimeoutError:
            return lines.too_late()
        return lines.answer_of(response)

    async def _follow_once(self, follower: Follower) -> AsyncGenerator[Event]:
        options = lines.stream_options(self._settings, follower)
        async with self._client.stream(**options) as response:
            if lines.is_of_another(response):
                raise answers.of_another()
            if not lines.is_stream(response):
                await response.aread()
                raise lines.no_stream(response)
            response.stream = _Listened(response.stream, follower.hear)
            async for message in httpx2.EventSource(response):
                event = follower.take(message.event, message.data)
                if follower.is_over:
                    return
                if event is not None:
                    yield event


class _Listened(httpx2.AsyncByteStream):
    """A body that tells of every piece that comes, comments too, which no event is made of."""

    def __init__(self, body: object, hear: Callable[[], None]) -> None:
        if not isinstance(body, httpx2.AsyncByteStream):
            raise TypeError(f"A {type(body).__name__} cannot be listened to here.")
        self._body, self._hear = body, hear

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        async for piece in self._body:
            self._hear()
            yield piece

    async def aclose(self) -> None:
        """Close it."""
        await self._body.aclose()
