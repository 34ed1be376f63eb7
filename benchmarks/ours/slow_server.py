"""An HTTP server that answers each request after one second, any number of them at a time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

DELAY_SECONDS = 1.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class SlowServer:
    """Counts how many requests it holds at once."""

    def __init__(self) -> None:
        self.held = 0
        self.most_held = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and answer it late."""
        await reader.readuntil(b"\r\n\r\n")
        self.held += 1
        self.most_held = max(self.most_held, self.held)
        await asyncio.sleep(DELAY_SECONDS)
        self.held -= 1
        writer.write(_ANSWER)
        await writer.drain()
        writer.close()


@contextmanager
def slow_server(port: int) -> Iterator[SlowServer]:
    """Run the server in a thread of its own."""
    counter = SlowServer()
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        asyncio.start_server(counter.answer, "127.0.0.1", port, backlog=1024)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield counter
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
