"""Callers of the API; every answer that they get is checked against the shape that documents it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from actions import access, definitions
from actions.actors import SYSTEM
from actions.executions import terms
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from tests.fixtures.sites import assert_fits

EVERYTHING = ("actions:read", "actions:execute", "executions:read", "executions:write")
PAGES = {
    "executions": "ExecutionPage",
    "events": "EventPage",
    "actions": "ActionPage",
    "secrets": "SecretPage",
    "api-keys": "ApiKeyPage",
    "audit-events": "AuditEventPage",
    "workflows": "WorkflowPage",
    "versions": "WorkflowVersionPage",
}


class Caller:
    """Calls the API in the test's process, with one API key or with none."""

    def __init__(self, key: str = "", *, client: Client | None = None) -> None:
        self.key = key
        self.client = client or Client()
        self.client.raise_request_exception = False
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, *, headers: dict[str, str] | None = None) -> HttpResponse:
        """GET a path below /api/v1."""
        answer = self.client.get(f"/api/v1{path}", headers=self.headers | (headers or {}))
        return documented(answer, path)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        content_type: str = "application/json",
    ) -> HttpResponse:
        """POST to a path below /api/v1; a body of bytes or text is sent as it is."""
        answer = self.client.post(
            f"/api/v1{path}",
            {} if body is None else body,
            content_type=content_type,
            headers=self.headers | (headers or {}),
        )
        return documented(answer, path)

    def send(self, method: str, path: str, body: Any = None) -> HttpResponse:
        """Any method; JSON where there is a body, and always with a POST or a PUT."""
        has_body = body is not None or method in ("POST", "PUT")
        answer = self.client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body or {}) if has_body else b"",
            content_type="application/json",
            headers=self.headers,
        )
        return documented(answer, path)

    def execute(
        self, action: str, *, key: str | None = None, wait: int = 0, **body: Any
    ) -> HttpResponse:
        """Execute an action; `wait` in seconds, none unless it is given."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.post(f"/actions/{action}/executions?wait={wait}", body, headers=headers)


def documented(answer: HttpResponse, path: str) -> HttpResponse:
    """The answer, once it is known to be what the documents say."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    if answer.status_code in (204, 304):
        assert answer.content == b""
    elif answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert_fits(answer.json(), "Problem")
    else:
        assert answer.headers["Content-Type"] == "application/json"
        assert_fits(answer.json(), shape_of(answer.json(), path))
    return answer


def shape_of(body: dict[str, Any], path: str) -> str:
    """The name of the shape that such an answer has."""
    if body["object"] == "list":
        if path.startswith("/bulk-reruns"):
            return "BulkRerunEntryPage" if "/runs" in path else "BulkRerunPage"
        if "/runs" in path:
            return "RunEventPage" if "/events" in path else "RunPage"
        return PAGES[path.partition("?")[0].rsplit("/", 1)[1]]
    return str(body["object"]).title().replace("_", "")


def assert_refused(answer: HttpResponse, status: int, code: str, *, advice: str) -> None:
    """Fail unless it is that problem, and its detail has those words of advice."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert advice in problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["X-Error-Source"] == "api"


def stored() -> tuple[int, int, int]:
    """How many executions, keys and events there are."""
    models = (Execution, IdempotencyRecord, ExecutionEvent)
    return tuple(model.objects.count() for model in models)


@pytest.fixture
def caller() -> Callable[..., Caller]:
    """Make a caller with a new API key of these scopes and name patterns."""

    def make(*scopes: str, patterns: tuple[str, ...] = (), name: str = "tests") -> Caller:
        _, key = access.create_key(
            name=name, scopes=scopes or EVERYTHING, by=SYSTEM, patterns=patterns
        )
        return Caller(key)

    return make


@pytest.fixture
def catalogue(db) -> None:
    """The actions of the tests, in a transaction that will be rolled back."""
    terms.version.cache_clear()
    definitions.sync()


@pytest.fixture
def api(engine, caller) -> Caller:
    """A caller who may do everything, on a database with the catalogue and a worker at hand."""
    return caller()


@pytest.fixture
def quick_api(catalogue, caller) -> Caller:
    """The same without a worker, and sooner there: nothing is committed."""
    return caller()
