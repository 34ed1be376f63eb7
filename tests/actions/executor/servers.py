"""Small servers on this machine, for what connects to the outside."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from actions.context import ActionLog, Context
from actions.executor.egress import Guard, parse_allowed

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server that was started: its port, and what it has seen."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def last(self) -> bytes:
        return self.requests[-1]


@asynccontextmanager
async def listening(converse: Converse, *, tls=None) -> AsyncIterator[Server]:
    """Serve every connection with `converse`."""
    seen = Server()

    async def serve(reader, writer):
        try:
            await converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            seen.closed.set()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()


@asynccontextmanager
async def answering(*answers: bytes | None, tls=None) -> AsyncIterator[Server]:
    """Answer the requests in turn, the last answer again and again; None hangs up without one."""
    left = list(answers)

    async def converse(reader, writer):
        seen.requests.append(await request_of(reader))
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer is not None:
            writer.write(answer)
            await writer.drain()

    async with listening(converse, tls=tls) as seen:
        yield seen


async def request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    body = await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""
    return head + body


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def json_answer(status: int, text: str, *headers: str) -> bytes:
    return answer(status, text.encode(), "Content-Type: application/json", *headers)


def guard_for(*servers: Server) -> Guard:
    """A guard that lets nothing pass but these servers."""
    return Guard(parse_allowed(f"127.0.0.1:{server.port}" for server in servers))


def context(secrets: dict[str, str] | None = None) -> Context:
    return Context(
        execution_id="exec_1",
        attempt=1,
        idempotency_key="order-12345",
        log=ActionLog(lambda: datetime.now(UTC)),
        read_secret=(secrets or {}).__getitem__,
    )
