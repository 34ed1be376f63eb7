"""Run the checks in one consistent snapshot that can change nothing.

Floor 4.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled

from actions.promises import guards, statements, unfinished
from actions.promises.statements import Promise

PROMISES = (*statements.PROMISES, *unfinished.PROMISES, *guards.PROMISES)

# Enough to see what is wrong; a promise that is broken a million times is one finding.
SHOWN_PER_PROMISE = 20
_CLIENT_CHECK_SECONDS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """One thing that breaks a promise: which promise, which thing, and how it looks."""

    promise: str
    subject: str
    detail: str


_more: list[Promise] = []


def keep_also(promises: Iterable[Promise]) -> None:
    """Check these too from now on: those of rows that are not known here."""
    _more.extend(promises)


def kept() -> tuple[Promise, ...]:
    """Every promise that is checked."""
    return (*PROMISES, *_more)


def broken_promises(*, statement_timeout_seconds: int = 300) -> list[Breach]:
    """Everything that breaks a promise, up to 20 findings for each; an empty list is a clean bill.

    Read-only and safe while workers run: all checks see the same moment, and none takes a lock
    that anybody waits for. A check that takes more seconds is given up, which is a finding
    too, and one ends with the process that has asked for it.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL statement_timeout = '{int(statement_timeout_seconds)}s'")
        # A statement whose client has gone ends too, instead of going on to the last row.
        cursor.execute(f"SET LOCAL client_connection_check_interval = '{_CLIENT_CHECK_SECONDS}s'")
        return [breach for promise in kept() for breach in _breaches(promise, cursor)]


def _breaches(promise: Promise, cursor: CursorWrapper) -> Iterator[Breach]:
    try:
        with transaction.atomic():
            cursor.execute(f"{promise.statement}\nLIMIT {SHOWN_PER_PROMISE}")
            found = cursor.fetchall()
    except OperationalError as failed:
        if not isinstance(failed.__cause__, QueryCanceled):
            raise
        found = [("fsck", "could not be checked, for it takes too long; see to ANALYZE")]
    for subject, detail in found:
        yield Breach(promise=promise.sentence, subject=str(subject), detail=str(detail))
