"""A lean HTTP client for load: prepared requests over kept-alive connections.

A general client would use more CPU than the server that is measured, on the same two cores.
"""

import asyncio
import json
import time
from collections.abc import Sequence

_HEADER_END = b"\r\n\r\n"


class UnexpectedAnswer(Exception):
    """The server answered something that must not be counted as done."""


def post(path: str, body: object, *, headers: dict[str, str]) -> bytes:
    """Return the bytes of one POST."""
    content = json.dumps(body).encode()
    fields = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **headers,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + _HEADER_END + content


def send_all(requests: Sequence[bytes], *, port: int, connections: int) -> list[float]:
    """Send the requests over so many connections; return how many seconds each one took.

    Raises UnexpectedAnswer at the first answer that is not 2xx.
    """
    return asyncio.run(_send_all(requests, port=port, connections=connections))


async def _send_all(requests: Sequence[bytes], *, port: int, connections: int) -> list[float]:
    shares = [requests[start::connections] for start in range(connections)]
    lanes = await asyncio.gather(*(_lane(share, port=port) for share in shares))
    return [seconds for lane in lanes for seconds in lane]


async def _lane(requests: Sequence[bytes], *, port: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    durations = []
    for request in requests:
        began = time.perf_counter()
        writer.write(request)
        await _check_answer(reader)
        durations.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()
    return durations


async def _check_answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(_HEADER_END)).decode("latin-1")
    status, *fields = head.split("\r\n")
    length = next(
        int(field.split(":")[1]) for field in fields if field.lower().startswith("content-length:")
    )
    body = await reader.readexactly(length)
    if status.split()[1][0] != "2":
        raise UnexpectedAnswer(f"{status}: {body[:500].decode(errors='replace')}")
