"""Savepoints for the members of one transaction.

Floor 4. Django would send four statements for each member; these send two. Its foreign keys are
deferred, so a savepoint's release would pass and the group's commit fail: the constraints are
checked before each release, while the member that broke one can still be told from the others.
"""

import math
from types import TracebackType
from typing import Self

import psycopg
from django.conf import settings
from django.db import connection, transaction

# Also on the server's side: what the client has given up must not go on there, nor hold its locks.
_BEGIN = """
SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {lock};
SET LOCAL idle_in_transaction_session_timeout = {idle}; SAVEPOINT member
"""
_END = (
    "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; "
    "RELEASE SAVEPOINT member; SAVEPOINT member"
)
_RELEASE = """
RELEASE SAVEPOINT member; SET LOCAL statement_timeout TO DEFAULT;
SET LOCAL lock_timeout TO DEFAULT; SET LOCAL idle_in_transaction_session_timeout TO DEFAULT
"""
_UNDO = "ROLLBACK TO SAVEPOINT member"


class BrokenTransaction(Exception):
    """The transaction that several members share cannot go on."""


class Members:
    """The members of the transaction that is open; a context manager within `atomic()`.

    No statement of theirs takes longer than `seconds`.
    """

    def __init__(self, *, seconds: float) -> None:
        milliseconds = max(1, math.ceil(seconds * 1000))
        grace = math.ceil(settings.ACTIONSITE_TIMEOUT_GRACE_SECONDS * 1000)
        self._limits = {
            "limit": milliseconds,
            "lock": min(milliseconds, math.ceil(settings.ACTIONSITE_LOCK_TIMEOUT_SECONDS * 1000)),
            "idle": milliseconds + grace,
        }
        self._hooks = 0

    def __enter__(self) -> Self:
        _send(_BEGIN.format(**self._limits))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            _send(_RELEASE)

    def begin(self) -> None:
        """Make everything that follows undoable."""
        self._hooks = len(connection.run_on_commit)

    def keep(self) -> None:
        """Check the constraints and keep the member's writes; raises DatabaseError if one fails."""
        _send(_END)

    def undo(self) -> None:
        """Forget the member's writes and the hooks that it has left for the commit."""
        _send(_UNDO)
        del connection.run_on_commit[self._hooks :]
        transaction.set_rollback(False)


def is_broken() -> bool:
    """Whether the open transaction has failed in the database, so that nothing more can run."""
    raw = connection.connection
    return raw is None or raw.closed or raw.info.transaction_status in _BROKEN


def is_ended() -> bool:
    """Whether the open transaction has been ended behind Django's back, by a COMMIT of the body."""
    raw = connection.connection
    return raw is not None and raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


_BROKEN = (psycopg.pq.TransactionStatus.INERROR, psycopg.pq.TransactionStatus.UNKNOWN)


def _send(statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements)
