"""A TCP proxy in front of PostgreSQL that can cut, delay and half-open its connections.

It reads the messages of the wire protocol from the client, so it knows when a COMMIT passes.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from tests.fixtures.listening import Listener

COMMIT = b"COMMIT"


@dataclass(kw_only=True)
class Proxy(Listener):
    """The switches may be set from the test at any time."""

    upstream: str  # the directory of the server's Unix socket
    # Forward so many further COMMITs and then cut the connection before the answer comes back.
    cut_after_commits: int | None = None
    delay_seconds: float = 0.0
    # Every so many messages one takes this much longer.
    stall_every: int = 0
    stall_seconds: float = 0.0
    message_count: int = 0
    is_half_open: bool = False
    cut_count: int = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = f"{self.upstream}/.s.PGSQL.5432"
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(path)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, server_writer}
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await asyncio.wait(
                {
                    asyncio.create_task(self._forward(reader, server_writer, writer)),
                    asyncio.create_task(self._answer(server_reader, writer)),
                },
                return_when=asyncio.FIRST_COMPLETED,
            )
        self._open -= {writer, server_writer}
        for end in (writer, server_writer):
            end.transport.abort()

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
    ) -> None:
        """From the client to the server, message by message after the first."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            length = await reader.readexactly(4)
            server.write(length + await reader.readexactly(int.from_bytes(length, "big") - 4))
            while True:
                head = await reader.readexactly(5)
                body = await reader.readexactly(int.from_bytes(head[1:], "big") - 4)
                await self._dawdle()
                if self.is_half_open:
                    continue
                server.write(head + body)
                await server.drain()
                if head[:1] == b"Q" and body.startswith(COMMIT) and self._is_to_be_cut():
                    self.cut_count += 1
                    client.transport.abort()
                    # The server has the COMMIT; only its answer is lost.
                    await asyncio.sleep(0.2)
                    return

    async def _dawdle(self) -> None:
        self.message_count += 1
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        if self.stall_every and self.message_count % self.stall_every == 0:
            await asyncio.sleep(self.stall_seconds)

    def _is_to_be_cut(self) -> bool:
        if self.cut_after_commits is None:
            return False
        self.cut_after_commits -= 1
        if self.cut_after_commits >= 0:
            return False
        self.cut_after_commits = None
        return True

    async def _answer(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From the server to the client, as it comes."""
        with contextlib.suppress(OSError):
            while chunk := await server.read(65_536):
                if not self.is_half_open:
                    writer.write(chunk)
                    await writer.drain()
