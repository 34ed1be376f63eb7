"""The client for asyncio. Floor: client."""

import os
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Any, Self, Unpack

import httpx2

from do_sdk import answers, calls, wire
from do_sdk.async_line import AsyncLine
from do_sdk.records import Event, Execution, Page
from do_sdk.settings import CONNECTIONS, TIMEOUT_SECONDS, settings_of
from do_sdk.wire import Filters, Wishes


class AsyncDo:
    """Executes actions of one service. For one event loop; close it, or use it in `async with`.

    `base_url` is the site's address, from DO_API_URL if left out. `timeout` is how many seconds a
    call may take with all its tries, unless it has one of its own. `transport` is httpx's.
    """

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        max_connections: int = CONNECTIONS,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._line = AsyncLine(
            settings_of(
                api_key=api_key, base_url=base_url, timeout=timeout, environment=os.environ
            ),
            max_connections=max_connections,
            transport=transport,
            handle_of=lambda execution: AsyncHandle(self._line, execution, key=execution.key),
        )
        self.action = AsyncActions(self._line)
        self.executions = AsyncExecutions(self._line)

    async def close(self) -> None:
        """Close all connections."""
        await self._line.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncActions:
    """`do.action`: executes actions by name."""

    def __init__(self, line: AsyncLine) -> None:
        self._line = line

    async def execute(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **wishes: Unpack[Wishes],
    ) -> Execution:
        """Execute an action and return how it ended; a failure is the value `.error`.

        Without a key one is made for this call. Raises Pending if it has not ended after `timeout`
        seconds, and the other errors of `do_sdk.errors`, with the key in them.
        """
        request = wire.execute(name, params, key=idempotency_key, wishes=wishes)
        return await self._line.run(calls.executed(request, budget=self._line.budget(timeout)))

    async def start(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **wishes: Unpack[Wishes],
    ) -> "AsyncHandle":
        """The same without waiting for the end: it returns once the execution is accepted."""
        request = wire.execute(name, params, key=idempotency_key, wishes=wishes)
        budget = self._line.budget(timeout)
        execution = await self._line.run(calls.answered(request, answers.execution, budget=budget))
        return AsyncHandle(self._line, execution, key=request.key)


class AsyncExecutions:
    """`do.executions`: what the record has, and what can be done with it."""

    def __init__(self, line: AsyncLine) -> None:
        self._line = line

    async def get(self, execution_id: str) -> Execution:
        """One execution as it stands."""
        return await self._answered(wire.read(execution_id))

    async def list(
        self, filters: Filters | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """A page of executions, the newest first; the API's filters, as {"status": "failed"}."""
        request = wire.page(filters or {}, limit=limit, cursor=cursor)
        budget = self._line.budget(None)
        return await self._line.run(calls.answered(request, answers.page, budget=budget))

    async def wait(self, execution_id: str, *, timeout: float | None = None) -> Execution:
        """Wait for its end. Raises Pending if it has not ended after `timeout` seconds."""
        budget = self._line.budget(timeout)
        return await self._line.run(calls.found_and_waited(execution_id, budget=budget))

    def events(self, execution_id: str, *, after: int = 0) -> AsyncGenerator[Event]:
        """Its log after that number, and on to its end, each event as it is written."""
        return self._line.follow(execution_id, after=after)

    async def cancel(self, execution_id: str, *, reason: str = "") -> Execution:
        """Ask it to stop; what runs may take a moment. Raises Conflict if it has ended."""
        return await self._answered(wire.cancel(execution_id, reason=reason))

    async def rerun(
        self,
        execution_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        reason: str = "",
        idempotency_key: str | None = None,
    ) -> "AsyncHandle":
        """Start a new execution in the place of an ended one, with its params unless others come."""
        request = wire.rerun(execution_id, params=params, reason=reason, key=idempotency_key)
        return AsyncHandle(self._line, await self._answered(request), key=request.key)

    async def _answered(self, request: wire.Request) -> Execution:
        budget = self._line.budget(None)
        return await self._line.run(calls.answered(request, answers.execution, budget=budget))


class AsyncHandle:
    """An accepted execution; `execution` is how it stood, `key` what it was asked for with."""

    def __init__(self, line: AsyncLine, execution: Execution, *, key: str | None) -> None:
        self._line = line
        self.execution = execution
        self.id = execution.id
        self.key = key

    async def wait(self, *, timeout: float | None = None) -> Execution:
        """Wait for its end. Raises Pending if it has not ended after `timeout` seconds."""
        return await self._line.run(calls.waited(self.execution, budget=self._line.budget(timeout)))

    def events(self, *, after: int = 0) -> AsyncGenerator[Event]:
        """Its log after that number, and on to its end, each event as it is written."""
        return self._line.follow(self.id, after=after)

    async def cancel(self, *, reason: str = "") -> Execution:
        """Ask it to stop; what runs may take a moment. Raises Conflict if it has ended."""
        return await AsyncExecutions(self._line).cancel(self.id, reason=reason)
