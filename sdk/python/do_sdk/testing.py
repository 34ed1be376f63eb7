"""A service for tests of one's own: in memory, with the promises that matter. Floor: client.

The clients are the real ones; only the network is not there. What it keeps of the contract: a key
executes once and replays, other params with the same key are refused, a failure is replayed unless
`on_failed` says to retry it, what is not there is refused, a failure is a value. A workflow is one function, as an action is: its run has no steps.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote
from uuid import uuid4

import httpx2

from do_sdk.async_client import AsyncDo
from do_sdk.client import Do

Function = Callable[[dict[str, Any]], Any]
_URL = "http://fake.invalid"
_API = "/api/v1"
_SUCCEEDED = "succeeded"


class Failure(Exception):
    """Raise it in a fake to let the action or the workflow fail, with a code and a message."""

    def __init__(self, code: str, message: str = "It failed.", *, details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class Cancelled(Exception):
    """Raise it in a fake to let the action or the workflow end as if somebody had cancelled it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request to execute an action or run a workflow that came in, also a repeat."""

    name: str
    params: dict[str, Any]
    key: str
    kind: Literal["action", "workflow"] = "action"


class FakeService:
    """Actions and workflows as functions of their params; `calls` are what came in, in order."""

    def __init__(
        self,
        actions: Mapping[str, Function] | None = None,
        *,
        workflows: Mapping[str, Function] | None = None,
    ) -> None:
        self.actions = dict(actions or {})
        self.workflows = dict(workflows or {})
        self.calls: list[Call] = []
        # What a key stands for: one, and those that retried it.
        self._kept: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._refusals: list[tuple[int, str]] = []

    def do(self, **options: Any) -> Do:
        """A client of it; the options are those of Do."""
        transport = httpx2.MockTransport(self._answer)
        return Do("as_fake", base_url=_URL, transport=transport, **options)

    def async_do(self, **options: Any) -> AsyncDo:
        """The same for asyncio."""
        transport = httpx2.MockTransport(self._answer)
        return AsyncDo("as_fake", base_url=_URL, transport=transport, **options)

    def refuse_next(self, status: int, code: str) -> None:
        """Refuse the next request with a problem; may be called several times."""
        self._refusals.append((status, code))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if self._refusals:
            status, code = self._refusals.pop(0)
            return _problem(status, code)
        match request.method, request.url.path.removeprefix(_API).split("/")[1:]:
            case "POST", ["actions", name, "executions"]:
                return self._execute("action", unquote(name), json.loads(request.content))
            case "POST", ["workflows", name, "runs"]:
                return self._execute("workflow", unquote(name), json.loads(request.content))
            case "GET", ["executions", identity]:
                return self._read("action", identity)
            case "GET", ["runs", identity]:
                return self._read("workflow", identity)
            case _:
                return _problem(404, "not-found")

    def _execute(
        self, kind: Literal["action", "workflow"], name: str, body: dict[str, Any]
    ) -> httpx2.Response:
        call = Call(name=name, params=body["params"], key=_key(body["idempotency_key"]), kind=kind)
        self.calls.append(call)
        functions = self.actions if kind == "action" else self.workflows
        if name not in functions:
            return _problem(404, f"{kind}-not-found")
        kept = self._kept.get((kind, name, call.key), [])
        if kept and _told_apart(kept[-1]["params"]) != _told_apart(call.params):
            return _problem(422, "idempotency-key-reused")
        is_retry = (
            body.get("on_failed") == "retry" and bool(kept) and kept[-1]["status"] != _SUCCEEDED
        )
        if kept and not is_retry:
            return _json(200, kept[-1] | {"replayed": True})
        made = _ended(call, functions[name], generation=len(kept) + 1)
        self._kept[kind, name, call.key] = [*kept, made]
        return _json(200, made)

    def _read(self, kind: str, identity: str) -> httpx2.Response:
        for (of, _, _), kept in self._kept.items():
            for one in kept:
                if (of, one["id"]) == (kind, identity):
                    return _json(200, one)
        return _problem(404, "execution-not-found" if kind == "action" else "run-not-found")


def _key(sent: str) -> str:
    """The key, which is quoted if it begins with a quote itself."""
    return str(json.loads(sent)) if sent.startswith('"') else sent


def _told_apart(value: Any) -> Any:
    """Itself, as JSON tells it apart: true is no 1 there."""
    match value:
        case dict():
            return {name: _told_apart(each) for name, each in value.items()}
        case list():
            return [_told_apart(each) for each in value]
        case bool():
            return ("bool", value)
        case _:
            return value


def _ended(call: Call, function: Function, *, generation: int) -> dict[str, Any]:
    status, result, error = _SUCCEEDED, None, None
    try:
        # A copy: whatever becomes of it there, these were the params of the call.
        result = function(deepcopy(call.params))
    except Cancelled:
        status = "cancelled"
    except Failure as failure:
        status = "failed"
        error = {"code": failure.code, "message": failure.message, "attempt": 1}
        if call.kind == "action":
            error |= {"type": "Failure", "retriable": False, "outcome": "known"}
            error |= {"details": failure.details}
    own: dict[str, Any] = {"id": f"exec_{uuid4().hex[:26]}", "object": "execution", "attempt": 1}
    if call.kind == "workflow":
        own = {"id": f"run_{uuid4().hex[:26]}", "object": "run", "steps": []}
    return own | {
        call.kind: call.name,
        "status": status,
        "params": call.params,
        "result": result,
        "error": error,
        "replayed": False,
        "idempotency": {"key": call.key, "generation": generation, "expires_at": None},
    }


def _problem(status: int, code: str) -> httpx2.Response:
    retriable = status in (429, 503)
    document = {"title": code, "status": status, "detail": "A fake.", "code": code}
    return _json(status, document | {"retriable": retriable, "errors": []})


def _json(status: int, body: Mapping[str, Any]) -> httpx2.Response:
    return httpx2.Response(status, json=body, headers={"X-Request-Id": f"req_{uuid4().hex[:26]}"})
