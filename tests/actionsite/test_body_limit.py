"""Bodies over the limit are refused before they are stored, whatever their headers say."""

import asyncio

import httpx2
import pytest

from actionsite.body_limit import TOO_LARGE, BodyLimit

LIMIT = 10


def through(*chunks: bytes, announced: str | None = None):
    """Send a body through the limit; return the scope and what the application received."""
    received = []

    async def application(scope, receive, send):
        more = True
        while more:
            event = await receive()
            received.append(event["body"])
            more = event["more_body"]

    async def run():
        waiting = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, start=1)
        ]

        async def receive():
            return waiting.pop(0)

        await BodyLimit(application, limit=LIMIT)(scope, receive, None)

    headers = [] if announced is None else [(b"content-length", announced.encode())]
    scope = {"type": "http", "headers": headers}
    asyncio.run(run())
    return scope, b"".join(received)


@pytest.mark.parametrize("chunks", [(b"",), (b"x" * LIMIT,), (b"x" * 4, b"x" * 6), (b"x",) * LIMIT])
def test_a_body_up_to_the_limit_passes_whole(chunks):
    scope, received = through(*chunks)

    assert received == b"".join(chunks)
    assert TOO_LARGE not in scope


@pytest.mark.parametrize("chunks", [(b"x" * 11,), (b"x" * 10, b"x"), (b"x",) * 11])
def test_one_byte_more_is_cut_off_and_marked(chunks):
    scope, received = through(*chunks)

    assert scope[TOO_LARGE] is True
    assert len(received) <= LIMIT


def test_an_announced_length_is_enough(tmp_path):
    scope, received = through(b"x" * 11, announced="11")

    assert (scope[TOO_LARGE], received) == (True, b"")


@pytest.mark.parametrize("is_chunked", [False, True])
def test_the_server_answers_413(web_server, is_chunked):
    url = web_server(env={"ACTIONSITE_MAX_BODY_BYTES": "1024"}).url
    body = iter([b"x" * 1000, b"x" * 25]) if is_chunked else b"x" * 1025

    response = httpx2.post(f"{url}/api/v1/executions", content=body)

    assert response.status_code == 413, response.text
    assert response.json()["code"] == "payload-too-large"
    assert "1,024 bytes" in response.json()["detail"]
