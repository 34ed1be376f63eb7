"""Requests as they are sent, and answers as they come. Floor: core, pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict
from urllib.parse import quote
from uuid import uuid4

Filters = Mapping[str, str | Sequence[str]]


class Wishes(TypedDict, total=False):
    """What else may be said of a call.

    `on_conflict`: if the key's execution has not ended, attach to it or fail. `on_failed`: if it
    has failed, replay that or retry; `allow_unknown_outcome` retries even if nobody knows whether
    it had its effect. `metadata`: notes of your own, kept with the execution.
    """

    on_conflict: Literal["attach", "fail"]
    on_failed: Literal["replay", "retry"]
    allow_unknown_outcome: bool
    metadata: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request below /api/v1; its bytes are the same on every try."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    # The idempotency key that stands in the body.
    key: str | None = None
    # What tells its answer from another's: a field of the execution, and what stands there.
    known_by: tuple[str, str] | None = None
    may_wait: bool = False

    def headers(self, *, wait: int) -> dict[str, str]:
        """What is sent along; `wait` is in seconds."""
        sent = {"Accept": "application/json, application/problem+json"}
        if self.method == "POST":
            sent["Content-Type"] = "application/json"
        sent["Prefer"] = f"wait={wait}" if self.may_wait and wait else "respond-async"
        return sent


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer; the names of its headers are in lower case."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request_id(self) -> str | None:
        """The service's name for the request."""
        return self.headers.get("x-request-id")


def new_key() -> str:
    """A key that no other call has."""
    return f"do-{uuid4()}"


def execute(
    name: str, params: Mapping[str, Any] | None, *, key: str | None, wishes: Wishes
) -> Request:
    """Execute an action; a key is made if there is none."""
    key = new_key() if key is None else key
    body = {"params": params or {}, "idempotency_key": key, **wishes}
    path = f"/actions/{quote(name, safe='')}/executions"
    return _post(path, body, key=key, known_by=("key", key))


def asked_again(request: Request) -> Request:
    """The same request as a mere question: it attaches, and starts nothing anew."""
    body = json.loads(request.content or b"{}")
    kept = {name: body[name] for name in ("params", "idempotency_key")}
    return replace(request, content=_encoded(kept))


def read(execution_id: str) -> Request:
    """Read one execution."""
    return Request(method="GET", path=_of(execution_id), known_by=("id", execution_id))


def waiting(request: Request) -> Request:
    """The same request, answered once the execution has ended, or the wait is over."""
    return replace(request, may_wait=True)


def page(filters: Filters, *, limit: int, cursor: str | None) -> Request:
    """List executions."""
    query = [("limit", str(limit)), *([("cursor", cursor)] if cursor else [])]
    for name, value in filters.items():
        query += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    return Request(method="GET", path="/executions", query=tuple(query))


def rerun(
    execution_id: str, *, params: Mapping[str, Any] | None, reason: str, key: str | None
) -> Request:
    """Run an ended execution again, with the same params if there are none."""
    key = new_key() if key is None else key
    body: dict[str, Any] = {"reason": reason, "idempotency_key": key}
    if params is not None:
        body["params"] = params
    path = f"{_of(execution_id)}/rerun"
    return _post(path, body, key=key, known_by=("rerun_of", execution_id))


def cancel(execution_id: str, *, reason: str) -> Request:
    """Cancel an execution, or ask it to stop; a repeat has no further effect."""
    return _post(f"{_of(execution_id)}/cancel", {"reason": reason}, known_by=("id", execution_id))


def events(execution_id: str) -> Request:
    """Follow the log of an execution."""
    return Request(method="GET", path=f"{_of(execution_id)}/events")


def _of(execution_id: str) -> str:
    return f"/executions/{quote(execution_id, safe='')}"


def _post(
    path: str, body: Mapping[str, Any], *, known_by: tuple[str, str], key: str | None = None
) -> Request:
    return Request(
        method="POST",
        path=path,
        content=_encoded(body),
        key=key,
        known_by=known_by,
    )


def _encoded(body: Mapping[str, Any]) -> bytes:
    # NaN is no JSON; it is refused here, before anything is sent.
    return json.dumps(body, allow_nan=False).encode()
