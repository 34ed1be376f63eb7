"""The action's side of the sandbox service: real HTTP to a server that answers as told."""

import asyncio
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from actions import Final, Retry
from onboarding import sandboxes
from tests.fixtures.running import free_port

NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)


class Told(BaseHTTPRequestHandler):
    """Answers every POST with the server's `answer` and keeps what was asked."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.asked.append((self.headers["Idempotency-Key"], self.rfile.read(length)))
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(service: ThreadingHTTPServer) -> dict:
    url = f"http://127.0.0.1:{service.server_port}/sandboxes"
    return asyncio.run(sandboxes.request(url, user_id="usr_12345", key="exec_1"))


def test_the_key_and_the_user_reach_the_service(service):
    service.answer = (201, {}, b'{"sandboxId": "sbx_1", "url": "https://sbx-1"}')

    made = ask(service)

    assert made["sandboxId"] == "sbx_1"
    [(key, body)] = service.asked
    assert key == "exec_1"
    assert json.loads(body) == {"userId": "usr_12345"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_failing_service_is_retried_after_the_wait_that_it_asks_for(service, status):
    service.answer = (status, {"Retry-After": "7"}, b"later")

    with pytest.raises(Retry, match=f"answered {status} later") as busy:
        ask(service)

    assert busy.value.after == 7
    assert busy.value.code == "sandbox_unavailable"


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_is_final_and_says_what_the_service_said(service, status):
    service.answer = (status, {}, b"no such user")

    with pytest.raises(Final, match=f"answered {status} no such user") as refused:
        ask(service)

    assert refused.value.code == "sandbox_refused"
    assert refused.value.details == {"status": status}


def test_a_service_that_is_not_there_is_retried():
    url = f"http://127.0.0.1:{free_port()}/sandboxes"

    with pytest.raises(Retry) as unreachable:
        asyncio.run(sandboxes.request(url, user_id="usr_12345", key="exec_1"))

    assert unreachable.value.code == "sandbox_unreachable"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 22 Nov 2026 02:16:30 GMT", 90),
        ("Sun, 22 Nov 2026 02:00:00 GMT", 0),
        ("soon", None),
        ("Sun, 22 Nov 99999999999999999999 02:16:30 GMT", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds):
    assert sandboxes.retry_after_seconds(header, now=NOW) == seconds
