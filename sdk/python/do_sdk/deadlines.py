"""One end for all that a blocking request does on its line. Floor: transport.

httpx bounds each wait for a byte, not how many there are: a head that drips never ends. So what it
reads and writes goes through here, where every wait is cut to what is left.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore2
import httpx2

_until: ContextVar[float | None] = ContextVar("until", default=None)


def bound(client: httpx2.Client) -> None:
    """Let the connections of a client keep to `ending_at`, also those through proxies."""
    # Private, as httpx's time-outs bound each wait alone, and no argument of its pools takes a backend.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx2.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend)


@contextmanager
def ending_at(until: float) -> Iterator[None]:
    """Let what this thread does end at that time of the monotonic clock, with a time-out."""
    token = _until.set(until)
    try:
        yield
    finally:
        _until.reset(token)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(  # type: ignore[override]  # its caller names every argument
        self, host: str, port: int, *, timeout: float | None = None, **options: Any
    ) -> httpcore2.NetworkStream:
        """Connect, in what is left of the time."""
        return _Stream(self._inner.connect_tcp(host, port, timeout=_cut(timeout), **options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, in what is left of the time."""
        return self._inner.read(max_bytes, timeout=_cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it, in what is left of the time."""
        self._inner.write(buffer, timeout=_cut(timeout))

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """The same line, sealed."""
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout=_cut(timeout)))

    def get_extra_info(self, what: str) -> Any:
        """What is known of the line."""
        return self._inner.get_extra_info(what)


def _cut(timeout: float | None) -> float | None:
    until = _until.get()
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("The answer did not end in the time given")
    return left if timeout is None else min(timeout, left)
