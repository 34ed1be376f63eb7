"""One HTTP call of a definition to a server on this machine."""

import asyncio

import pytest

from actions import declarative
from actions.executor.http import Outside, call_http
from tests.actions.executor import servers
from tests.actions.executor.servers import answering

TOKEN = "t0p-s3cret-token"
PARAMS = {
    "type": "object",
    "properties": {"id": {"type": ["string", "null"]}, "n": {"type": "number"}, "x": {}},
}


def definition(port: int = 80, **more) -> declarative.HttpDefinition:
    url = more.pop("url", "http://127.0.0.1:PORT/v1/users/${{ params.id }}/things")
    document = {
        "kind": "http",
        "method": "POST",
        "params": PARAMS,
        "returns": "${{ response.body }}",
    }
    found = declarative.parse(document | {"url": url.replace("PORT", str(port))} | more)
    assert isinstance(found, declarative.HttpDefinition)
    return found


def exchange(*answers: bytes | None, params=None, traceparent=None, **more):
    """Send one request to a server that answers so; what came of it, and what the server saw."""

    async def run():
        async with answering(*answers) as server:
            outside = Outside(guard=servers.guard_for(server))
            result = await call_http(
                definition(server.port, **more),
                params={"id": "7"} if params is None else params,
                context=servers.context({"token": TOKEN}),
                outside=outside,
                traceparent=traceparent,
            )
            return result, server

    return asyncio.run(run())


def failure(kind, *answers: bytes | None, **more):
    with pytest.raises(kind) as raised:
        exchange(*answers, **more)
    assert type(raised.value) is kind
    return raised.value
