"""A service for tests of one's own: in memory, with the promises that matter. Floor: client.

The clients are the real ones; only the network is not there. What it keeps of the contract: a key
executes once and replays, other params with the same key are refused, an action that is not there
is refused, a failure is a value.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx2

from do_sdk.async_client import AsyncDo
from do_sdk.client import Do

Action = Callable[[dict[str, Any]], Any]
_URL = "http://fake.invalid"
_API = "/api/v1"


class Failure(Exception):
    """Raise it in a fake action to let the action fail, with a code and a message."""

    def __init__(self, code: str, message: str = "It failed.", *, details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request to execute that came in, also a repeat."""

    name: str
    params: dict[str, Any]
    key: str


class FakeService:
    """Actions as functions of their params; `calls` are the requests that came in, in order."""

    def __init__(self, actions: Mapping[str, Action] | None = None) -> None:
        self.actions = dict(actions or {})
        self.calls: list[Call] = []
        self._kept: dict[tuple[str, str], dict[str, Any]] = {}
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
                return self._execute(unquote(name), json.loads(request.content))
            case "GET", ["executions", execution_id]:
                return self._read(execution_id)
            case _:
                return _problem(404, "not-found")

    def _execute(self, name: str, body: dict[str, Any]) -> httpx2.Response:
        key, params = body["idempotency_key"], body["params"]
        self.calls.append(Call(name=name, params=params, key=key))
        if name not in self.actions:
            return _problem(404, "action-not-found")
        kept = self._kept.get((name, key))
        if kept is None:
            made = _ended(name, params, key=key, action=self.actions[name])
            self._kept[name, key] = made
            return _json(200, made)
        if kept["params"] != params:
            return _problem(422, "idempotency-key-reused")
        return _json(200, kept | {"replayed": True})

    def _read(self, execution_id: str) -> httpx2.Response:
        found = [each for each in self._kept.values() if each["id"] == execution_id]
        return _json(200, found[0]) if found else _problem(404, "execution-not-found")


def _ended(name: str, params: dict[str, Any], *, key: str, action: Action) -> dict[str, Any]:
    result, error = None, None
    try:
        result = action(params)
    except Failure as failure:
        error = {
            "type": "Failure",
            "code": failure.code,
            "message": failure.message,
            "retriable": False,
            "outcome": "known",
            "details": failure.details,
            "attempt": 1,
        }
    return {
        "id": f"exec_{uuid4().hex[:26]}",
        "object": "execution",
        "action": name,
        "status": "failed" if error else "succeeded",
        "params": params,
        "result": result,
        "error": error,
        "replayed": False,
        "idempotency": {"key": key, "generation": 1, "expires_at": None},
        "attempt": 1,
    }


def _problem(status: int, code: str) -> httpx2.Response:
    retriable = status in (429, 503)
    document = {"title": code, "status": status, "detail": "A fake.", "code": code}
    return _json(status, document | {"retriable": retriable, "errors": []})


def _json(status: int, body: Mapping[str, Any]) -> httpx2.Response:
    return httpx2.Response(status, json=body, headers={"X-Request-Id": f"req_{uuid4().hex[:26]}"})
