"""What waiting and following cost everybody else: `python -m benchmarks.waiters`.

One web process, no worker. Reads are timed one at a time, alone and then beside 300 calls that wait
for an outcome and 100 streams that follow a log. Prints the latencies and how many database
connections the web process has, as JSON lines.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg

from benchmarks.figures import emit, emit_latencies, progress
from benchmarks.ours import installation
from benchmarks.ours.http import post, send_all
from benchmarks.postgres import throwaway_server

WAITERS = 300
STREAMS = 100
READS = 500
_CONNECTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def main() -> None:
    """Measure, and print the figures."""
    with (
        throwaway_server() as server,
        installation.installed(server.create_database("ours"), ACTIONSITE_RATE_LIMIT="0") as env,
    ):
        url, port = env["DATABASE_URL"], installation.port_of(env)
        scopes = ["--scope", "actions:execute", "--scope", "executions:read"]
        key = installation.run_manage("create_api_key", "bench", *scopes, env=env).strip()
        with installation.web(env), psycopg.connect(url, autocommit=True) as watch:
            _measure({"Authorization": f"Bearer {key}"}, port=port, watch=watch)


def _measure(
    headers: dict[str, str], *, port: int, watch: psycopg.Connection[tuple[Any, ...]]
) -> None:
    execute = "/api/v1/actions/noop-none/executions?wait=0"
    send_all([post(execute, {"params": {"number": 1}}, headers=headers)], port=port, connections=1)
    row = watch.execute("SELECT id FROM actions_execution").fetchone()
    assert row is not None
    reads = [_get("/api/v1/executions?limit=1", headers)] * READS
    send_all(reads[:50], port=port, connections=1)
    progress("reads alone")
    emit_latencies("read.alone", send_all(reads, port=port, connections=1))
    _emit_connections("connections.alone", watch)
    asyncio.run(_beside(headers, reads, port=port, watch=watch))


async def _beside(
    headers: dict[str, str],
    reads: Sequence[bytes],
    *,
    port: int,
    watch: psycopg.Connection[tuple[Any, ...]],
) -> None:
    from actions.ids import PREFIX_EXECUTION, show  # noqa: PLC0415 - needs no settings, only its path

    row = watch.execute("SELECT id FROM actions_execution").fetchone()
    assert row is not None
    path = f"/api/v1/executions/{show(PREFIX_EXECUTION, row[0])}"
    waiting = _get(f"{path}?wait=30", headers)
    following = _get(f"{path}/events", headers | {"Accept": "text/event-stream"})
    async with AsyncExitStack() as held:
        for number in range(WAITERS + STREAMS):
            request = waiting if number < WAITERS else following
            await held.enter_async_context(_sent(request, port=port))
        await asyncio.sleep(3)
        progress(f"reads beside {WAITERS} waiters and {STREAMS} streams")
        seconds = await asyncio.to_thread(send_all, reads, port=port, connections=1)
        emit_latencies("read.beside", seconds)
        _emit_connections("connections.beside", watch)


@asynccontextmanager
async def _sent(request: bytes, *, port: int) -> AsyncIterator[None]:
    """A request that is under way until the block ends."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        yield
    finally:
        writer.close()


def _get(path: str, headers: dict[str, str]) -> bytes:
    fields = {"Host": "127.0.0.1", **headers}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _emit_connections(name: str, watch: psycopg.Connection[tuple[Any, ...]]) -> None:
    row = watch.execute(_CONNECTIONS).fetchone()
    assert row is not None
    emit(name, row[0], unit="database connections", n=1)


if __name__ == "__main__":
    main()
