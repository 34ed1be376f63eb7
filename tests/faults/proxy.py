"""A TCP proxy in front of PostgreSQL that can cut, delay and half-open its connections.

It reads the messages of the wire protocol from the client, so it knows when a COMMIT passes.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

COMMIT = b"COMMIT"


@dataclass
class Proxy:
    """Listens on `port` once started; the switches may be set from the test at any time."""

    upstream: str  # the directory of the server's Unix socket
    port: int = 0
    # Forward so many further COMMITs and then cut the connection before the answer comes back.
    cut_after_commits: int | None = None
    delay_seconds: float = 0.0
    # Every so many messages one takes this much longer.
    stall_every: int = 0
    stall_seconds: float = 0.0
    message_count: int = 0
    is_half_open: bool = False
    cut_count: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _started: threading.Event = field(default_factory=threading.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def start(self) -> None:
        """Serve from a thread of its own."""
        threading.Thread(target=self._run, daemon=True).start()
        self._started.wait(10)

    def stop(self) -> None:
        """Cut everything and end."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def cut_all(self) -> None:
        """Drop every connection at once."""
        self._call(lambda: [writer.transport.abort() for writer in list(self._open)])

    def _call(self, call: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(call)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self.port)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        for writer in list(self._open):
            writer.transport.abort()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

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
