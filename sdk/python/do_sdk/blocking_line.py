"""The line that blocks: goes through the steps of calls and streams. Floor: transport."""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import httpx2

from do_sdk import answers, deadlines, lines, options, wire
from do_sdk.budget import Budget
from do_sdk.calls import Heard, Pause, Send, Steps
from do_sdk.errors import DoError
from do_sdk.kinds import Kept, Kind
from do_sdk.records import Event, Pending, Record
from do_sdk.settings import Settings
from do_sdk.streams import BROKEN_SECONDS, Follower, Reader

Value = TypeVar("Value")


class BlockingLine:
    """A pool of connections to one service; `handle_of` makes what a Pending carries."""

    def __init__(
        self,
        settings: Settings,
        *,
        max_connections: int,
        transport: httpx2.BaseTransport | None,
        handle_of: Callable[[Record, str | None], object],
    ) -> None:
        self._settings = settings
        self._handle_of = handle_of
        self._client = httpx2.Client(
            headers=settings.headers, limits=lines.limits(max_connections), transport=transport
        )
        deadlines.bound(self._client)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def budget(self, timeout: float | None) -> Budget:
        """The time of a call that begins now; in seconds, the client's own if None."""
        until = time.monotonic() + self._settings.seconds_of(timeout)
        return Budget(until=until, clock=time.monotonic, chance=random.random)

    def run(self, steps: Steps[Value]) -> Value:
        """Go through the steps of a call; returns its value or raises its error."""
        heard: Heard = None
        try:
            while True:
                heard = self._take(steps.send(heard))
        except StopIteration as end:
            value: Value = end.value
            return value
        except Pending as pending:
            pending.handle = self._handle_of(pending.record, pending.key)
            raise

    def follow(self, kind: Kind[Kept], identity: str, *, after: int) -> Iterator[Event]:
        """A log after that number, on to its end."""
        options.check({"after": after})
        found = self._stream if kind.has_stream else self._read
        return found(kind, identity, after=after)

    def _read(self, kind: Kind[Kept], identity: str, *, after: int) -> Iterator[Event]:
        reader = Reader(kind, identity, after=after)
        budget = partial(self.budget, BROKEN_SECONDS)
        while not reader.is_over:
            yield from self.run(reader.more(budget=budget))

    def _stream(self, kind: Kind[Kept], identity: str, *, after: int) -> Iterator[Event]:
        request = wire.events(kind.path, identity)
        follower = Follower(request, after=after, clock=time.monotonic, chance=random.random)
        while not follower.is_over:
            trouble: DoError | None = None
            try:
                yield from self._follow_once(follower)
            except lines.TROUBLES as error:
                trouble = lines.failure_of(error)
            except DoError as error:
                trouble = error
            if not follower.is_over:
                time.sleep(follower.delay_after(trouble))

    def _take(self, step: Send | Pause) -> Heard:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            with (
                deadlines.ending_at(time.monotonic() + step.allowance.left),
                self._client.stream(**lines.request_options(self._settings, step)) as response,
            ):
                if lines.is_of_another(response):
                    return answers.of_another()
                response.read()
        except lines.TROUBLES as error:
            return lines.failure_of(error)
        return lines.answer_of(response)

    def _follow_once(self, follower: Follower) -> Iterator[Event]:
        with self._client.stream(**lines.stream_options(self._settings, follower)) as response:
            if lines.is_of_another(response):
                raise answers.of_another()
            if not lines.is_stream(response):
                response.read()
                raise lines.no_stream(response)
            response.stream = _Listened(response.stream, follower.hear)
            for message in httpx2.EventSource(response):
                event = follower.take(message.event, message.data)
                if follower.is_over:
                    return
                if event is not None:
                    yield event


class _Listened(httpx2.SyncByteStream):
    """A body that tells of every piece that comes, comments too, which no event is made of."""

    def __init__(self, body: object, hear: Callable[[], None]) -> None:
        if not isinstance(body, httpx2.SyncByteStream):
            raise TypeError(f"A {type(body).__name__} cannot be listened to here.")
        self._body, self._hear = body, hear

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._hear()
            yield piece

    def close(self) -> None:
        """Close it."""
        self._body.close()
