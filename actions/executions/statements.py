"""Run the engine's own statements.

Floor 4. To parse and plan them would cost more than to run them, so they are prepared, unless a
transaction pooler stands between: behind it the next statement may meet another session.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import generators

_SELDOM = 1_000_000
_SENT: "WeakKeyDictionary[psycopg.Connection[Any], list[int]]" = WeakKeyDictionary()


def run(statement: str, params: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement, in the open transaction if there is one, and return its rows."""
    ours = _connection()
    raw = ours.connection
    if raw.prepare_threshold is None:
        # Django switches preparing off; its own cursors do not prepare in any case.
        raw.prepare_threshold = _SELDOM
    with ours.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(_compact(statement), params, prepare=_may_prepare())
        # `description` would describe every column, to say only that there are some.
        return [] if cursor.rownumber is None else cursor.fetchall()


def send(batch: str) -> tuple[Any, ...] | None:
    """Run several statements in one round trip, and return the first row of the last one.

    They are part of the open transaction if there is one, and otherwise one of their own. Raises
    DatabaseError also where somebody has marked the transaction to be rolled back.
    """
    ours = _connection()
    ours.validate_no_broken_transaction()
    with ours.wrap_database_errors, psycopg.Cursor(ours.connection) as cursor:
        cursor.execute(batch)
        cursor.set_result(-1)
        return None if cursor.rownumber is None else cursor.fetchone()


def send_first(batch: str) -> None:
    """Run several statements that return nothing, together with the BEGIN that they may need.

    By itself the driver would send that one before them, and wait for its answer.
    """
    ours = _connection()
    raw = ours.connection
    if raw.autocommit or raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        send(batch)
        return
    with ours.wrap_database_errors, raw.lock:
        raw.pgconn.send_query(f"BEGIN; {batch}".encode())
        for result in raw.wait(generators.execute(raw.pgconn)):
            if result.status == psycopg.pq.ExecStatus.FATAL_ERROR:
                raise psycopg.errors.error_from_result(result)


def _connection() -> Any:
    """Django's connection of this thread: to ask the proxy for each of its attributes is slow."""
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    return ours


def sent_count() -> int:
    """How often something has been sent in the session of this thread, whoever asked for it.

    Counted from the first call for that session on: two counts that are equal have nothing between.
    """
    raw = _connection().connection
    if raw not in _SENT:
        _watch(raw)
    return _SENT[raw][0]


def _watch(raw: "psycopg.Connection[Any]") -> None:
    """The driver does everything that it sends by `wait`, for its own cursors and Django's."""
    count, wait = [0], raw.wait

    def waits(*args: Any, **named: Any) -> Any:
        count[0] += 1
        return wait(*args, **named)

    raw.wait = waits  # type: ignore[method-assign]  # of this one session
    _SENT[raw] = count


def in_json(value: object) -> object:
    """A column's value as JSON, in which `jsonb_populate_record` recognises it."""
    match value:
        case bytes() | memoryview():
            return f"\\x{value.hex()}"
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            return value


@lru_cache(maxsize=256)
def _compact(statement: str) -> str:
    """The same with single spaces: the driver takes long statements apart at every call."""
    return " ".join(statement.split())


def _may_prepare() -> bool:
    is_direct: bool = settings.DATABASE_URL == settings.DATABASE_DIRECT_URL
    return is_direct or settings.ACTIONSITE_ROLE == "worker"
