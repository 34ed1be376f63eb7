"""A proxy in front of the web server that loses, repeats and invents answers.

It remembers every request that came in. What it does with each is said beforehand by `turns`;
once those are used up it passes everything on.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fixtures.listening import Listener

HEAD_END = b"\r\n\r\n"
DRIP_SECONDS = 0.2
LENGTH = re.compile(rb"\r\ncontent-length:[^\r]*", re.IGNORECASE)

# pass: as a proxy should. lose: cut the line before the service has the request. drop: let the
# service answer and cut the line instead of passing that on. repeat: send the request twice, pass
# on the second answer. stutter: pass the one answer on twice; stutter_late: the second time in front of
# the answer to the next request on that line. hang: never answer. drip: pass the
# answer on so slowly that it never ends, and is never silent; drip_head: from its first byte. cut: pass
# on half of it, without its length. copy: pass it on with the name of its request twice.
Turn = Literal[
    "pass",
    "lose",
    "drop",
    "repeat",
    "stutter",
    "stutter_late",
    "hang",
    "drip",
    "drip_head",
    "cut",
    "copy",
]


@dataclass(frozen=True, kw_only=True)
class Instead:
    """An answer that the proxy gives by itself."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    # Whether the service gets the request all the same.
    is_sent: bool = False

    def written(self) -> bytes:
        content = self.body.encode()
        fields = {"Content-Length": str(len(content)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} -", *(f"{name}: {fields[name]}" for name in fields)]
        return "\r\n".join(lines).encode() + HEAD_END + content


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes
    at: float  # on the monotonic clock

    @property
    def body(self) -> Any:
        return json.loads(self.content or b"{}")


@dataclass(kw_only=True)
class HttpProxy(Listener):
    """Stands in front of the server on `upstream_port`."""

    upstream_port: int
    turns: list[Turn | Instead] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    most_open: int = 0
    # What is still to come on a line, before the next answer.
    _late: dict[asyncio.StreamWriter, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_count(self) -> int:
        return len(self._open)

    def reset(self, turns: Iterable[Turn | Instead] = ()) -> None:
        """Forget what was seen, and do this next."""
        self.turns, self.seen, self.most_open = list(turns), [], 0

    @property
    def posts(self) -> list[Seen]:
        """The requests that would execute something."""
        return [one for one in self.seen if one.method == "POST"]

    def seconds_between(self, first: int, second: int) -> float:
        """How long after one request another one came, by their places."""
        return self.seen[second].at - self.seen[first].at

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.most_open = max(self.most_open, len(self._open))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._take_one(reader, writer):
                pass
        self._open.discard(writer)
        writer.transport.abort()

    async def _take_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; returns whether the line goes on."""
        raw = await reader.readuntil(HEAD_END)
        seen = await _read(raw, reader)
        self.seen.append(seen)
        turn = self.turns.pop(0) if self.turns else "pass"
        writer.write(self._late.pop(writer, b""))
        if turn == "lose":
            return False
        if turn == "hang":
            await reader.read()
            return False
        whole = raw + seen.content
        if isinstance(turn, Instead):
            if turn.is_sent:
                await self._ask(whole)
            writer.write(turn.written())
            return True
        if turn == "pass" and b"text/event-stream" in raw:
            await self._pass_stream(whole, writer)
            return False
        for _ in range(2 if turn == "repeat" else 1):
            answer = await self._ask(whole)
        if turn in ("drop", "drip", "drip_head", "cut", "copy"):
            await _spoil(turn, answer, reader=reader, writer=writer)
            return False
        self._late[writer] = answer if turn == "stutter_late" else b""
        writer.write(answer * (2 if turn == "stutter" else 1))
        await writer.drain()
        return True

    async def _ask(self, whole: bytes) -> bytes:
        """Send a request to the service on a line of its own; the whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        try:
            writer.write(whole)
            head = await reader.readuntil(HEAD_END)
            length = _fields(head).get("content-length")
            return head + await reader.readexactly(int(length or 0))
        finally:
            writer.transport.abort()

    async def _pass_stream(self, whole: bytes, client: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        try:
            writer.write(whole)
            while chunk := await reader.read(65_536):
                client.write(chunk)
                await client.drain()
                if b"event: end" in chunk:
                    return
        finally:
            writer.transport.abort()


async def _spoil(
    turn: str, answer: bytes, *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if turn in ("cut", "copy"):
        writer.write((_cut if turn == "cut" else _copied)(answer))
        writer.close()
        await writer.wait_closed()
    else:
        whole = b"" if turn == "drop" else answer
        await _drip(whole, reader, writer, has_head=turn == "drip")


def _cut(answer: bytes) -> bytes:
    """Half of it, in a way that nobody can tell from the whole but by reading it."""
    head, end, rest = answer.partition(HEAD_END)
    return LENGTH.sub(b"", head) + end + rest[: len(rest) // 2]


def _copied(answer: bytes) -> bytes:
    """The same with the name of the request twice in its head."""
    head, end, rest = answer.partition(HEAD_END)
    name = _fields(head)["x-client-request-id"]
    return head + f"\r\nX-Client-Request-Id: {name}".encode() + end + rest


async def _drip(
    answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, has_head: bool
) -> None:
    """Pass it on a byte at a time until the client leaves, after its head or with that."""
    head, end, rest = answer.partition(HEAD_END)
    at_once, rest = (head + end, rest) if has_head else (b"", answer)
    writer.write(at_once)
    leaving = asyncio.ensure_future(reader.read())
    for byte in rest:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.wait({leaving}, timeout=DRIP_SECONDS)
    leaving.cancel()


async def _read(raw: bytes, reader: asyncio.StreamReader) -> Seen:
    method, path, _ = raw.split(b"\r\n", 1)[0].decode().split(" ")
    headers = _fields(raw)
    content = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method=method, path=path, headers=headers, content=content, at=time.monotonic())


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.lower(): value.strip() for name, _, value in pairs}
