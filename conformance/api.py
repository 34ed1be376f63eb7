"""The API as a caller sees it who knows nothing but HTTP."""

import json
from typing import Any
from uuid import uuid4

import httpx2

PREFIX = "/api/v1"
WAIT_SECONDS = 20


class Api:
    """Calls one service with one API key."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self.key = key
        self.client = httpx2.Client(
            base_url=base_url + PREFIX,
            headers={"Authorization": f"Bearer {key}"},
            timeout=WAIT_SECONDS + 10,
            limits=httpx2.Limits(max_connections=100),
        )

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """GET a path below the API's prefix."""
        return self.client.get(path, params=query)

    def post(
        self, path: str, body: Any, *, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """POST JSON; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return self.client.post(path, content=content, headers=sent)

    def execute(
        self,
        action: str,
        params: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        prefer: str = f"wait={WAIT_SECONDS}",
        **wishes: Any,
    ) -> httpx2.Response:
        """Execute an action, with the key in the header."""
        body = {"params": params or {}, **wishes}
        return self._start(f"/actions/{action}/executions", body, key=key, prefer=prefer)

    def run(
        self,
        workflow: str,
        params: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        prefer: str = f"wait={WAIT_SECONDS}",
        **wishes: Any,
    ) -> httpx2.Response:
        """Run a workflow, with the key in the header."""
        body = {"params": params or {}, **wishes}
        return self._start(f"/workflows/{workflow}/runs", body, key=key, prefer=prefer)

    def send(self, action: str, content: bytes, *, key: str) -> httpx2.Response:
        """The same with a body as it is."""
        prefer = f"wait={WAIT_SECONDS}"
        return self._start(f"/actions/{action}/executions", content, key=key, prefer=prefer)

    def _start(self, path: str, body: Any, *, key: str | None, prefer: str) -> httpx2.Response:
        headers = {"Prefer": prefer} | ({"Idempotency-Key": key} if key else {})
        return self.post(path, body, headers=headers)

    def count(self, **filters: str) -> int:
        """How many executions the record has, up to 200."""
        found = self.get("/executions", limit="200", **filters)
        assert found.status_code == 200, found.text
        return len(found.json()["entries"])


def new_name() -> str:
    """A name, or a key, that nobody has used."""
    return f"conformance-{uuid4()}"


def executed(answer: httpx2.Response) -> Any:
    """The body of an answer that is an execution, or a run, which has ended."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def check_refused(answer: httpx2.Response, status: int, code: str) -> Any:
    """The body of an answer that is this problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem
