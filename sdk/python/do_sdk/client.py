"""The client that blocks. Floor: client."""

import os
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, Unpack

import httpx2

from do_sdk import answers, calls, wire
from do_sdk.blocking_line import BlockingLine
from do_sdk.records import Event, Execution, Page
from do_sdk.settings import CONNECTIONS, TIMEOUT_SECONDS, settings_of
from do_sdk.wire import Filters, Wishes


class Do:
    """Executes actions of one service. Safe in threads; close it, or use it as a context manager.

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
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._line = BlockingLine(
            settings_of(
                api_key=api_key, base_url=base_url, timeout=timeout, environment=os.environ
            ),
            max_connections=max_connections,
            transport=transport,
            handle_of=lambda execution: Handle(self._line, execution, key=execution.key),
        )
        self.action = Actions(self._line)
        self.executions = Executions(self._line)

    def close(self) -> None:
        """Close all connections."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Actions:
    """`do.action`: executes actions by name."""

    def __init__(self, line: BlockingLine) -> None:
        self._line = line

    def execute(
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
        return self._line.run(calls.executed(request, budget=self._line.budget(timeout)))

    def start(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **wishes: Unpack[Wishes],
    ) -> "Handle":
        """The same without waiting for the end: it returns once the execution is accepted."""
        request = wire.execute(name, params, key=idempotency_key, wishes=wishes)
        budget = self._line.budget(timeout)
        execution = self._line.run(calls.answered(request, answers.execution, budget=budget))
        return Handle(self._line, execution, key=request.key)


class Executions:
    """`do.executions`: what the record has, and what can be done with it."""

    def __init__(self, line: BlockingLine) -> None:
        self._line = line

    def get(self, execution_id: str) -> Execution:
        """One execution as it stands."""
        return self._answered(wire.read(execution_id))

    def list(
        self, filters: Filters | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """A page of executions, the newest first; the API's filters, as {"status": "failed"}."""
        request = wire.page(filters or {}, limit=limit, cursor=cursor)
        budget = self._line.budget(None)
        return self._line.run(calls.answered(request, answers.page, budget=budget))

    def wait(self, execution_id: str, *, timeout: float | None = None) -> Execution:
        """Wait for its end. Raises Pending if it has not ended after `timeout` seconds."""
        budget = self._line.budget(timeout)
        return self._line.run(calls.found_and_waited(execution_id, budget=budget))

    def events(self, execution_id: str, *, after: int = 0) -> Iterator[Event]:
        """Its log after that number, and on to its end, each event as it is written."""
        return self._line.follow(execution_id, after=after)

    def cancel(self, execution_id: str, *, reason: str = "") -> Execution:
        """Ask it to stop; what runs may take a moment. Raises Conflict if it has ended."""
        return self._answered(wire.cancel(execution_id, reason=reason))

    def rerun(
        self,
        execution_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        reason: str = "",
        idempotency_key: str | None = None,
    ) -> "Handle":
        """Start a new execution in the place of an ended one, with its params unless others come."""
        request = wire.rerun(execution_id, params=params, reason=reason, key=idempotency_key)
        return Handle(self._line, self._answered(request), key=request.key)

    def _answered(self, request: wire.Request) -> Execution:
        budget = self._line.budget(None)
        return self._line.run(calls.answered(request, answers.execution, budget=budget))


class Handle:
    """An accepted execution; `execution` is how it stood, `key` what it was asked for with."""

    def __init__(self, line: BlockingLine, execution: Execution, *, key: str | None) -> None:
        self._line = line
        self.execution = execution
        self.id = execution.id
        self.key = key

    def wait(self, *, timeout: float | None = None) -> Execution:
        """Wait for its end. Raises Pending if it has not ended after `timeout` seconds."""
        return self._line.run(calls.waited(self.execution, budget=self._line.budget(timeout)))

    def events(self, *, after: int = 0) -> Iterator[Event]:
        """Its log after that number, and on to its end, each event as it is written."""
        return self._line.follow(self.id, after=after)

    def cancel(self, *, reason: str = "") -> Execution:
        """Ask it to stop; what runs may take a moment. Raises Conflict if it has ended."""
        return Executions(self._line).cancel(self.id, reason=reason)
