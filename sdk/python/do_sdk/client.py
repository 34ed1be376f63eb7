"""The client that blocks. Floor: client."""

import os
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Generic, Literal, Self, Unpack

import httpx2

from do_sdk import answers, calls, wire
from do_sdk.blocking_line import BlockingLine
from do_sdk.kinds import EXECUTIONS, RUNS, Kept, Kind
from do_sdk.records import Event, Execution, Page, Record, RerunPreview, Run
from do_sdk.settings import CONNECTIONS, TIMEOUT_SECONDS, settings_of
from do_sdk.wire import Filters, RerunWish, Wishes


class Do:
    """Executes actions and runs workflows of one service. Safe in threads; close it, or use `with`.

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
            handle_of=self._handle_of,
        )
        self.action = ByName(self._line, EXECUTIONS)
        self.workflow = ByName(self._line, RUNS)
        self.executions = Executions(self._line, EXECUTIONS)
        self.runs = Runs(self._line, RUNS)

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

    def _handle_of(self, record: Record, key: str | None) -> object:
        kind: Kind[Any] = RUNS if isinstance(record, Run) else EXECUTIONS
        return Handle(self._line, kind, record, key=key)


class ByName(Generic[Kept]):
    """`do.action` executes actions by name, `do.workflow` runs workflows by name."""

    def __init__(self, line: BlockingLine, kind: Kind[Kept]) -> None:
        self._line, self._kind = line, kind

    def execute(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **wishes: Unpack[Wishes],
    ) -> Kept:
        """Execute it and return how it ended; a failure is the value `.error`.

        Without a key one is made for this call. Raises Pending if it has not ended after `timeout`
        seconds, and the other errors of `do_sdk.errors`, with the key in them.
        """
        request = wire.begin(self._kind.begun_at, name, params, key=idempotency_key, wishes=wishes)
        budget = self._line.budget(timeout)
        return self._line.run(calls.executed(self._kind, request, budget=budget))

    def start(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **wishes: Unpack[Wishes],
    ) -> "Handle[Kept]":
        """The same without waiting for the end: it returns once it is accepted."""
        request = wire.begin(self._kind.begun_at, name, params, key=idempotency_key, wishes=wishes)
        budget = self._line.budget(timeout)
        found = self._line.run(calls.answered(request, self._kind.read, budget=budget))
        return Handle(self._line, self._kind, found, key=request.key)


class Records(Generic[Kept]):
    """What the service has on record, and what can be done with it."""

    def __init__(self, line: BlockingLine, kind: Kind[Kept]) -> None:
        self._line, self._kind = line, kind

    def get(self, identity: str) -> Kept:
        """One of them as it stands."""
        return self._answered(wire.read(self._kind.path, identity), self._kind.read)

    def list(
        self, filters: Filters | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Kept]:
        """A page of them, the newest first; the API's filters, as {"status": "failed"}."""
        request = wire.page(self._kind.path, filters, limit=limit, cursor=cursor)
        return self._answered(request, self._kind.read_page)

    def wait(self, identity: str, *, timeout: float | None = None) -> Kept:
        """Wait for its end. Raises Pending if it has not ended after `timeout` seconds."""
        budget = self._line.budget(timeout)
        return self._line.run(calls.found_and_waited(self._kind, identity, budget=budget))

    def events(self, identity: str, *, after: int = 0) -> Iterator[Event]:
        """Its log after that number, and on to its end, each event as it is written."""
        return self._line.follow(self._kind, identity, after=after)

    def cancel(
        self, identity: str, *, reason: str = "", idempotency_key: str | None = None
    ) -> Kept:
        """Ask it to stop; what runs may take a moment. Raises Conflict if it has ended."""
        request = wire.cancel(self._kind.path, identity, reason=reason, key=idempotency_key)
        return self._answered(request, self._kind.read)

    def _answered(self, request: wire.Request, reading: calls.Reading[calls.Value]) -> calls.Value:
        budget = self._line.budget(None)
        return self._line.run(calls.answered(request, reading, budget=budget))

    def _started(self, request: wire.Request) -> "Handle[Kept]":
        found = self._answered(request, self._kind.read)
        return Handle(self._line, self._kind, found, key=request.key)


class Executions(Records[Execution]):
    """`do.executions`."""

    def rerun(
        self,
        execution_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        reason: str = "",
        idempotency_key: str | None = None,
    ) -> "Handle[Execution]":
        """Start a new execution in the place of an ended one, with its params unless others come."""
        request = wire.rerun(execution_id, params=params, reason=reason, key=idempotency_key)
        return self._started(request)


class Runs(Records[Run]):
    """`do.runs`. What is done to a run answers how it stands after that."""

    def pause(self, run_id: str, *, note: str = "", idempotency_key: str | None = None) -> Run:
        """Begin no more of its steps; what runs is finished. Raises Conflict if it has ended."""
        request = wire.pause(run_id, note=note, key=idempotency_key)
        return self._answered(request, self._kind.read)

    def resume(self, run_id: str, *, note: str = "", idempotency_key: str | None = None) -> Run:
        """Let a paused one go on. Raises Conflict if it has ended."""
        request = wire.resume(run_id, note=note, key=idempotency_key)
        return self._answered(request, self._kind.read)

    def send_event(
        self, run_id: str, name: str, payload: Any = None, *, idempotency_key: str | None = None
    ) -> Run:
        """Send it an event, which the first step that waits for it takes.

        Raises Conflict if it has ended, and Invalid for an event that no step takes.
        """
        request = wire.send_event(run_id, name, payload=payload, key=idempotency_key)
        return self._answered(request, self._kind.read)

    def answer(
        self,
        run_id: str,
        step: str,
        decision: Literal["approved", "rejected"],
        *,
        answer: Mapping[str, Any] | None = None,
        comment: str | None = None,
        idempotency_key: str | None = None,
    ) -> Run:
        """Answer the question of an approval step; `answer` is what its form asks for.

        Raises Conflict if the step does not ask, Forbidden if it does not ask you, and Invalid.
        """
        said = {"decision": decision, "answer": answer, "comment": comment}
        request = wire.answer(run_id, step, said=said, key=idempotency_key)
        return self._answered(request, self._kind.read)

    def rerun_preview(self, run_id: str, **wish: Unpack[RerunWish]) -> RerunPreview:
        """What a re-run would do with each step; nothing is stored. Raises Conflict if it goes on."""
        return self._answered(wire.rerun_preview(run_id, wish), answers.preview)

    def rerun(
        self,
        run_id: str,
        *,
        digest: str,
        idempotency_key: str | None = None,
        **wish: Unpack[RerunWish],
    ) -> "Handle[Run]":
        """Start a new run in the place of an ended one, as the preview of that wish has shown.

        Raises Conflict if it would do something else by now: look at the preview again.
        """
        request = wire.rerun_run(run_id, wish, digest=digest, key=idempotency_key)
        return self._started(request)


class Handle(Generic[Kept]):
    """What was accepted; `record` is how it stood, `key` what it was asked for with."""

    def __init__(
        self, line: BlockingLine, kind: Kind[Kept], record: Kept, *, key: str | None
    ) -> None:
        self._line, self._kind = line, kind
        self.record = record
        self.id = record.id
        self.key = key

    def wait(self, *, timeout: float | None = None) -> Kept:
        """Wait for its end. Raises Pending if it has not ended after `timeout` seconds."""
        budget = self._line.budget(timeout)
        return self._line.run(calls.waited(self._kind, self.record, key=self.key, budget=budget))

    def events(self, *, after: int = 0) -> Iterator[Event]:
        """Its log after that number, and on to its end, each event as it is written."""
        return self._line.follow(self._kind, self.id, after=after)

    def cancel(self, *, reason: str = "", idempotency_key: str | None = None) -> Kept:
        """Ask it to stop; what runs may take a moment. Raises Conflict if it has ended."""
        request = wire.cancel(self._kind.path, self.id, reason=reason, key=idempotency_key)
        return self._line.run(
            calls.answered(request, self._kind.read, budget=self._line.budget(None))
        )
