"""Savepoints for the members of one transaction.

Floor 4. Django would send four statements for each member; these send two. Its foreign keys are
deferred, so a savepoint's release would pass and the group's commit fail: the constraints are
checked before each release, while the member that broke one can still be told from the others.
"""

import math
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from actions.errors import Final
from actions.executions import statements, steady, tidy

T = TypeVar("T")

# Also on the server's side: what the client has given up must not go on there, nor hold its locks.
_LIMITS = """
SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {lock};
SET LOCAL idle_in_transaction_session_timeout = {idle}; SAVEPOINT {name}
"""
_BEGIN = f"{steady.LOOSE}; {_LIMITS}"
_CHECK = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; "
_NEXT = f"RELEASE SAVEPOINT {{name}}; {tidy.FRESH}; {_LIMITS}"
# With the limits goes whatever else the bodies have left: the settlement follows.
_RELEASE = "RELEASE SAVEPOINT {name}; " + tidy.TIDY
_UNDO = "ROLLBACK TO SAVEPOINT {name}"


class BrokenTransaction(Exception):
    """The transaction that several members share cannot go on."""


class TransactionEnded(BrokenTransaction):
    """A body has ended the transaction that it ran in, or the savepoint before it."""


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
        # Nobody can guess it, so nobody can put another in its place.
        self._name = f"member_{secrets.token_hex(8)}"
        self._hooks = 0
        self._sent_count = 0
        self._depth = 0
        self._is_last = False
        self._is_released = False
        # Whether the bodies have left nothing in the session; known once the last has been kept.
        self.is_clean = False

    def __enter__(self) -> Self:
        statements.send_first(self._filled(_BEGIN))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and not self._is_released:
            self._release()

    def each(self, group: Sequence[T]) -> Iterator[T]:
        """The group, one by one; after its last nothing more is made undoable."""
        for place, one in enumerate(group, start=1):
            self._is_last = place == len(group)
            yield one

    def begin(self) -> None:
        """Make everything that follows undoable."""
        self._hooks = len(connection.run_on_commit)
        self._sent_count = statements.sent_count()
        self._depth = len(connection.savepoint_ids)

    def close_what_is_open(self) -> bool:
        """Leave the blocks of `atomic` that the member has entered and not left; true if any."""
        is_open = len(connection.savepoint_ids) > self._depth
        del connection.savepoint_ids[self._depth :]
        return is_open

    def keep(self) -> None:
        """Check the constraints and keep the member's writes.

        The next one finds the session as this one has found it, also what lasts for a transaction.
        Raises DatabaseError if one fails, TransactionEnded if there is no savepoint any more.
        """
        with _noticing_the_end():
            if self._is_last:
                self._release(_CHECK)
            elif self._has_sent:
                self._send(_CHECK + _NEXT)

    def pass_on(self) -> None:
        """The same for a member whose writes stay however it ends: no constraint is checked."""
        with _noticing_the_end():
            if self._has_sent and not self._is_last:
                self._send(_NEXT)

    @property
    def _has_sent(self) -> bool:
        return statements.sent_count() != self._sent_count

    def undo(self) -> None:
        """Forget the member's writes and the hooks that it has left for the commit."""
        with _noticing_the_end():
            self._send(_UNDO)
        del connection.run_on_commit[self._hooks :]
        transaction.set_rollback(False)

    def _release(self, check: str = "") -> None:
        self.is_clean = tidy.is_clean(self._send(check + _RELEASE))
        self._is_released = True

    def _send(self, batch: str) -> tuple[Any, ...] | None:
        return statements.send(self._filled(batch))

    def _filled(self, batch: str) -> str:
        return batch.format(name=self._name, **self._limits)


def is_broken() -> bool:
    """Whether the open transaction has failed in the database, so that nothing more can run."""
    raw = connection.connection
    return raw is None or raw.closed or raw.info.transaction_status in _BROKEN


def has_closed(session: "psycopg.Connection[Any] | None") -> bool:
    """Whether a body has closed or replaced the session that it was given.

    One that the server or the network has ended is another matter.
    """
    if connection.connection is not session:
        return True
    return session is not None and session.closed and not session.broken


def is_ended() -> bool:
    """Whether the open transaction has been ended behind Django's back, by a COMMIT of the body."""
    raw = connection.connection
    return raw is not None and raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


_BROKEN = (psycopg.pq.TransactionStatus.INERROR, psycopg.pq.TransactionStatus.UNKNOWN)


@contextmanager
def refusing_to_end() -> Iterator[None]:
    """Let no statement of a body end the transaction, which it shares with others."""
    with connection.execute_wrapper(_refuse_to_end):
        yield


def _refuse_to_end(execute: Callable[..., Any], sql: Any, *call: Any) -> Any:
    found = _ENDS.match(sql) if isinstance(sql, str) else None
    if found is not None:
        raise Final(
            "transaction_ended",
            f"{found[0].strip().upper()} was refused: leave the transaction to the engine, which "
            "commits what an action has written together with its result.",
        )
    return execute(sql, *call)


_ENDS = re.compile(
    r"\s*(commit|end|abort|rollback(?!\s+(work\s+|transaction\s+)?to\b)|begin|start\s+transaction"
    r"|prepare\s+transaction)\b",
    re.IGNORECASE,
)
_NO_SUCH_SAVEPOINT = "3B001"


@contextmanager
def _noticing_the_end() -> Iterator[None]:
    try:
        yield
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", None) == _NO_SUCH_SAVEPOINT:
            raise TransactionEnded from refused
        raise
