"""Give the database session back the state that it began with.

Floor 4. Bodies use the session that settles them: what one of them has SET, listened to, locked or
left open would spoil the settlement, or happen to the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DatabaseError, connection

from actions.executions import statements, steady

# A batch that ends what one body has left in the session for the next, within a transaction too:
# also a setting or a table that was to last for the transaction, which they share.
FRESH = """
SET SESSION AUTHORIZATION DEFAULT; RESET ALL; SET TIME ZONE 'UTC'; CLOSE ALL; DISCARD TEMP
"""
# The same at the end of the transaction, and then plans by index. What the driver has prepared for
# the engine stays; the last statement counts the rest.
TIDY = """
{fresh}; {steady}; UNLISTEN *; SELECT pg_advisory_unlock_all();
SELECT count(*) FROM pg_prepared_statements WHERE NOT starts_with(name, '_pg3_')
""".replace("{fresh}", FRESH).replace("{steady}", steady.STEADY)


class Session:
    """The session of a lane while it runs bodies; `is_tidy` if that has been seen to already."""

    is_tidy = False


@contextmanager
def tidied() -> Iterator[Session]:
    """Tidy the session once the block has ended well, unless the block is part of a transaction.

    What follows is planned by index.
    """
    is_part = connection.in_atomic_block
    session = Session()
    try:
        yield session
    except BaseException:
        if not is_part and connection.in_atomic_block:
            discard()
        raise
    if not is_part:
        _tidy(is_tidy=session.is_tidy)


def is_clean(answer: tuple[Any, ...] | None) -> bool:
    """Whether nothing is left that TIDY cannot end, by what it has answered."""
    return answer == (0,)


def _tidy(*, is_tidy: bool) -> None:
    """A session in doubt, or left within a transaction, is closed."""
    raw = connection.connection
    if raw is None:
        return
    is_idle = not raw.closed and raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    if not is_idle or connection.in_atomic_block or not connection.get_autocommit():
        discard()
    elif not is_tidy:
        try:
            is_tidy = is_clean(statements.send(TIDY))
        except DatabaseError:
            is_tidy = False
        if not is_tidy:
            discard()


def discard() -> None:
    """Close the session, whatever a body has left open in it; the next use makes another."""
    connection.in_atomic_block = False
    connection.savepoint_ids = []
    connection.needs_rollback = False
    connection.close()
