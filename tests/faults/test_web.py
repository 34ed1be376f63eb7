"""A web process, or the line to it, dies around the commit of what it was asked for."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from actions import access, definitions
from actions.actors import SYSTEM
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from actions.promises import broken_promises
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark

PATH = "/api/v1/actions/probe-mark/executions"
BODY = {"params": {"name": "one"}}


@pytest.fixture
def headers(cloned_database) -> dict[str, str]:
    """What a caller sends along: an API key and the name of the request."""
    definitions.sync()
    key = access.create_key(name="tests", scopes=["actions:execute"], by=SYSTEM)[1]
    return {"Authorization": f"Bearer {key}", "Idempotency-Key": "k-1", "Prefer": "wait=0"}


@pytest.fixture
def post(headers) -> Iterator[Callable[..., dict[str, Any]]]:
    """Send the request to a server; returns its answer."""
    with httpx2.Client(timeout=20, trust_env=False, headers=headers) as client:

        def send(url: str, *, wait: int = 0) -> dict[str, Any]:
            answer = client.post(f"{url}{PATH}", json=BODY, headers={"Prefer": f"wait={wait}"})
            assert answer.is_success, answer.text
            return answer.json()

        yield send


def check_one_effect(answer: dict[str, Any]) -> None:
    """It ended well, once, and the caller was told that it is the key's execution."""
    execution = Execution.objects.get()
    wait_until(Execution.objects.filter(status="succeeded").exists, what="its end")
    assert answer["id"] == execution.shown_id
    assert IdempotencyRecord.objects.get().execution_id == execution.id
    assert Mark.objects.count() == 1
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("point", "stored"), [("submit.before-commit", 0), ("submit.after-commit", 1)]
)
def test_a_request_whose_web_process_was_killed_may_be_sent_again(
    web_server, qcluster, post, point, stored
):
    env = {"ENGINE_FAULT": f"{point}:kill:1", "ACTIONSITE_ALLOW_FAULTS": "1"}
    dying = web_server(env=env)

    with pytest.raises(httpx2.TransportError):
        post(dying.url)
    dying.popen.wait(10)
    left = [model.objects.count() for model in (Execution, IdempotencyRecord)]
    events = ExecutionEvent.objects.count()
    qcluster(workers=1)

    check_one_effect(post(web_server().url, wait=20))
    assert left == [stored, stored]
    assert events == 2 * stored


def test_what_was_committed_runs_though_its_caller_was_never_told(web_server, qcluster, post):
    env = {"ENGINE_FAULT": "submit.after-commit:kill:1", "ACTIONSITE_ALLOW_FAULTS": "1"}
    qcluster(workers=1)
    dying = web_server(env=env)

    with pytest.raises(httpx2.TransportError):
        post(dying.url)
    wait_until(Mark.objects.exists, what="the effect")

    again = post(web_server().url, wait=20)
    assert again["replayed"] is True
    check_one_effect(again)


def test_a_caller_whose_line_is_cut_gets_the_same_execution_when_it_asks_again(
    web_server, qcluster, headers, post
):
    server = web_server()
    for _ in range(3):
        cut_after_sending(server.url, headers | {"Prefer": "wait=20"})

    first = post(server.url)
    qcluster(workers=1)
    again = post(server.url, wait=20)

    assert first["id"] == again["id"]
    check_one_effect(again)


def cut_after_sending(url: str, headers: dict[str, str]) -> None:
    """Send the request and reset the connection once it has been stored, before the answer."""
    body = json.dumps(BODY)
    fields = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    whole = "\r\n".join([f"POST {PATH} HTTP/1.1", *lines, "", body]).encode()
    with socket.create_connection(("127.0.0.1", urlsplit(url).port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(whole)
        wait_until(Execution.objects.exists, what="the execution")
