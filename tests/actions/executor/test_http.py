"""An action that is an HTTP request, against servers on this machine."""

import asyncio
import json
import ssl
import time

import pytest

from actions.errors import Final, Retry, Uncertain
from actions.executor.egress import Guard, parse_allowed
from actions.executor.http import Outside, call_http
from tests.actions.executor import servers
from tests.actions.executor.calls import TOKEN, definition, exchange, failure
from tests.actions.executor.servers import answer, answering, json_answer


def test_a_request_is_filled_in_and_its_answer_becomes_the_result():
    result, server = exchange(
        json_answer(201, '{"id": 9, "tags": ["a"]}'),
        body={"amount": "${{ params.n }}", "note": "for ${{ params.id }}"},
        query={"q": "a b&c", "none": "${{ params.x }}", "many": ["1", "${{ params.id }}"]},
        headers={"X-Id": "${{ params.id }}"},
        returns={"thing": "${{ response.body.id }}", "status": "${{ response.status }}"},
        params={"id": "7", "n": 2, "x": None},
    )

    head, _, body = server.last.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert result == {"thing": 9, "status": 201}
    assert lines[0] == "post /v1/users/7/things?q=a+b%26c&many=1&many=7 http/1.1"
    assert {"x-id: 7", "idempotency-key: order-12345", "content-type: application/json"} <= {*lines}
    assert json.loads(body) == {"amount": 2.0, "note": "for 7"}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("%2e%2e", "%252e%252e"),
        ("é", "%C3%A9"),
        ("@evil.example", "%40evil.example"),
    ],
)
def test_a_value_stays_within_its_segment_of_the_path(value, path):
    _, server = exchange(answer(200), params={"id": value})

    assert server.last.split(b" ")[1].decode() == f"/v1/users/{path}/things"


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_cannot_climb_out_of_the_path(value):
    assert failure(Final, answer(200), params={"id": value}).code == "url_invalid"


@pytest.mark.parametrize("host", ["a b", "xn--\u00e4", "a..b", "[::1", "x" * 300, "a@b", "a:99999"])
def test_a_host_from_params_has_to_be_one(host):
    wrong = failure(
        Final,
        answer(200),
        url="${{ params.x }}/things",
        allow_dynamic_host=True,
        params={"x": f"http://{host}"},
    )

    assert wrong.code == "url_invalid"


def test_null_is_no_segment_of_a_path():
    assert failure(Final, answer(200), params={"id": None}).code == "expression_failed"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x1bb", " a"])
def test_a_value_cannot_begin_another_header(value):
    headers = {"X-Id": "${{ params.id }}"}

    wrong = failure(
        Final, answer(200), headers=headers, params={"id": value}, url="http://127.0.0.1:PORT/"
    )

    assert wrong.code == "header_invalid"


def test_secrets_stand_in_headers_and_bodies_and_nowhere_else():
    secret = {"$secret": "token", "prefix": "Bearer "}

    _, server = exchange(
        answer(200),
        headers={"Authorization": secret},
        body={"deep": [{"client": {"$secret": "token"}}], "given": "${{ params.x }}"},
        params={"id": "7", "x": {"$secret": "other"}},
    )

    assert f"authorization: bearer {TOKEN}".encode() in server.last.lower()
    assert json.loads(server.last.partition(b"\r\n\r\n")[2]) == {
        "deep": [{"client": TOKEN}],
        "given": {"$secret": "other"},
    }


def test_a_form_and_a_text_can_be_sent():
    fields = {"a": "${{ params.id }}", "b": ["1", "2"], "c": {"$secret": "token"}}
    _, form = exchange(answer(200), form=fields)
    _, text = exchange(answer(200), text="Hello ${{ params.id }}")

    assert form.last.endswith(f"\r\n\r\na=7&b=1&b=2&c={TOKEN}".encode())
    assert b"application/x-www-form-urlencoded" in form.last
    assert text.last.endswith(b"\r\n\r\nHello 7")


def test_a_trace_is_passed_on():
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    _, server = exchange(answer(200), traceparent=parent)

    assert f"traceparent: {parent}".encode() in server.last.lower()


def test_a_read_has_no_key():
    _, server = exchange(answer(200), method="GET")

    assert b"idempotency-key" not in server.last.lower()


def test_a_connection_that_is_lost_on_the_way_leaves_it_open_what_happened():
    lost = failure(Uncertain, None)

    assert lost.code == "connection_lost"
    assert lost.may_help


def test_where_nobody_listens_nothing_has_happened():
    async def run():
        async with answering(answer(200)) as server:
            guard, port = servers.guard_for(server), server.port
        await call_http(
            definition(port),
            params={"id": "7"},
            context=servers.context(),
            outside=Outside(guard=guard),
        )

    with pytest.raises(Retry) as failed:
        asyncio.run(run())

    assert failed.value.code == "connect_failed"


def test_what_is_not_allowed_is_refused_before_anything_is_sent():
    async def run():
        async with answering(answer(200)) as server:
            try:
                await call_http(
                    definition(server.port),
                    params={"id": "7"},
                    context=servers.context(),
                    outside=Outside(guard=Guard()),
                )
            except Final as refused:
                return refused, server

    refused, server = asyncio.run(run())

    assert refused.code == "egress_refused"
    assert not server.requests


def test_a_checked_address_is_dialled_and_the_name_is_what_has_to_be_proved(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    looked_up, asked_for = [], []

    async def resolve(host, port):
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

    async def run():
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.sni_callback = lambda connection, name, context: asked_for.append(name)
        async with answering(answer(200), tls=tls) as server:
            allowed = parse_allowed([f"secure.example.com:{server.port}"])
            await call_http(
                definition(server.port, url="https://secure.example.com:PORT/"),
                params={},
                context=servers.context(),
                outside=Outside(guard=Guard(allowed, resolve)),
            )

    # The server has no certificate, so that is as far as it comes.
    with pytest.raises(Retry) as failed:
        asyncio.run(run())

    assert failed.value.code == "connect_failed"
    assert looked_up == asked_for == ["secure.example.com"]


def test_a_cancelled_call_has_closed_its_connection():
    async def run():
        arrived = asyncio.Event()

        async def silent(reader, writer):
            await servers.request_of(reader)
            arrived.set()
            await reader.readexactly(1)

        async with servers.listening(silent) as server:
            calling = asyncio.create_task(
                call_http(
                    definition(server.port),
                    params={"id": "7"},
                    context=servers.context(),
                    outside=Outside(guard=servers.guard_for(server)),
                )
            )
            await arrived.wait()
            began = time.monotonic()
            calling.cancel()
            await asyncio.wait([calling])
            await asyncio.wait_for(server.closed.wait(), 5)
            return calling.cancelled(), time.monotonic() - began

    is_cancelled, took = asyncio.run(run())

    assert is_cancelled
    assert took < 5


def test_no_failure_tells_a_secret():
    secret = {"$secret": "token"}
    replies = [answer(503), answer(404), None, json_answer(200, "{")]

    for reply in replies:
        failed = None
        try:
            exchange(reply, headers={"Authorization": secret}, query={"key": "in-the-query"})
        except (Retry, Final, Uncertain) as raised:
            failed = raised
        assert TOKEN not in str(failed)
        assert "in-the-query" not in str(failed)
