"""Give the database session back the state that it began with.

Floor 4. Bodies use the session that settles them: what one of them has SET, listened to, locked or
left open would spoil the settlement, or happen to the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from actions.executions import steady

# What the driver has prepared for the engine stays; the last statement counts the rest.
_TIDY = """
SET SESSION AUTHORIZATION DEFAULT; RESET ALL; SET TIME ZONE 'UTC'; {steady}; UNLISTEN *; CLOSE ALL;
DISCARD TEMP; SELECT pg_advisory_unlock_all();
SELECT count(*) FROM pg_prepared_statements WHERE NOT starts_with(name, '_pg3_')
""".replace("{steady}", steady.STEADY)


@contextmanager
def tidied() -> Iterator[None]:
    """Tidy the session once the block has ended well, unless the block is part of a transaction.

    What follows is planned by index.
    """
    is_part = connection.in_atomic_block
    try:
        yield
    except BaseException:
        if not is_part and connection.in_atomic_block:
            discard()
        raise
    if not is_part:
        _tidy()


def _tidy() -> None:
    """A session in doubt, or left within a transaction, is closed."""
    raw = connection.connection
    if raw is None:
        return
    is_idle = not raw.closed and raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    if not is_idle or connection.in_atomic_block or not connection.get_autocommit():
        discard()
        return
    try:
        is_clean = _is_clean_after_reset(raw)
    except psycopg.Error:
        is_clean = False
    if not is_clean:
        discard()


def _is_clean_after_reset(raw: "psycopg.Connection[Any]") -> bool:
    with psycopg.ClientCursor(raw) as cursor:
        cursor.execute(_TIDY)
        while cursor.nextset():
            pass
        (prepared,) = cursor.fetchone() or (0,)
    return prepared == 0


def discard() -> None:
    """Close the session, whatever a body has left open in it; the next use makes another."""
    connection.in_atomic_block = False
    connection.savepoint_ids = []
    connection.needs_rollback = False
    connection.close()
