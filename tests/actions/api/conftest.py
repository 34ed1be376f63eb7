"""Callers of the API; every answer that they get is checked against the shape that documents it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

from actions import access
from actions.api.shapes.answers import COMPONENTS

EXECUTE = "actions:execute"
EVERYTHING = ("actions:read", "actions:execute", "executions:read", "executions:write")
SHAPES = {
    "execution": ("Execution",),
    "action": ("Action",),
    "list": ("ExecutionPage", "EventPage", "ActionPage"),
}


class Caller:
    """Calls the API in the test's process, with one API key or with none."""

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, *, headers: dict[str, str] | None = None) -> HttpResponse:
        """GET a path below /api/v1."""
        answer = self.client.get(f"/api/v1{path}", headers=self.headers | (headers or {}))
        return documented(answer)

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
        return documented(answer)

    def execute(
        self, action: str, *, key: str | None = None, wait: int = 0, **body: Any
    ) -> HttpResponse:
        """Execute an action; `wait` in seconds, none unless it is given."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.post(f"/actions/{action}/executions?wait={wait}", body, headers=headers)


def documented(answer: HttpResponse) -> HttpResponse:
    """The answer, once it is known to be what the documents say."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    if answer.status_code in (204, 304):
        assert answer.content == b""
        return answer
    is_refused = answer.status_code >= 400
    kind = "application/problem+json" if is_refused else "application/json"
    assert answer.headers["Content-Type"] == kind
    body = answer.json()
    if is_refused:
        names = ("Problem",)
        assert body["status"] == answer.status_code
    else:
        names = SHAPES[body["object"]]
    assert_fits(body, names)
    return answer


def assert_fits(body: Any, names: tuple[str, ...]) -> None:
    """Fail unless the value has one of the documented shapes."""
    found = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schema = {"oneOf": found, "components": {"schemas": COMPONENTS}}
    if len(found) > 1 and not body["entries"]:
        schema["oneOf"] = found[:1]
    errors = list(Draft202012Validator(schema).iter_errors(body))
    assert not errors, [f"{error.json_path}: {error.message}" for error in errors]


@pytest.fixture
def caller() -> Callable[..., Caller]:
    """Make a caller with a new API key of these scopes and name patterns."""

    def make(*scopes: str, patterns: tuple[str, ...] = (), name: str = "tests") -> Caller:
        _, key = access.create_key(
            name=name, scopes=scopes or EVERYTHING, created_by="tests", patterns=patterns
        )
        return Caller(key)

    return make


@pytest.fixture
def api(engine, caller) -> Caller:
    """A caller who may do everything, on a database with the catalogue and a worker at hand."""
    return caller()
