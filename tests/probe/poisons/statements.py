"""What a body may send to the database that it should not, in its engine's transaction."""

import contextlib
import threading
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.db import connection, transaction

from actions import Context
from tests.probe.models import Child, Mark


def sends(*statements: str) -> Callable[[Context, str], None]:
    """A deed that sends just these, one by one."""

    def send(ctx: Context, note: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return send


def sleeps_stubbornly(ctx: Context, note: str) -> None:
    """Go back to sleep in the database, whoever ends it."""
    while True:
        with contextlib.suppress(BaseException), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(3600)")


def breaks_a_deferred_constraint(ctx: Context, note: str) -> None:
    """Refer to what is not there."""
    Child.objects.create(parent_id=987_654_321)


def deadlocks(ctx: Context, note: str) -> None:
    """Lock against a session of one's own that locks the other way round."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        other = psycopg.connect(settings.DATABASE_DIRECT_URL)
        other.execute("SELECT pg_advisory_xact_lock(2)")
        threading.Thread(target=lock_across, args=(other,), daemon=True).start()
        cursor.execute("SELECT pg_advisory_xact_lock(2)")


def lock_across(other: psycopg.Connection) -> None:
    """Wait for what the body holds; who of the two is the victim, the database decides."""
    with contextlib.suppress(psycopg.Error):
        # It looks for deadlocks long after the other, which therefore is the victim.
        other.execute("SET deadlock_timeout = '1min'")
        other.execute("SELECT pg_advisory_xact_lock(1)")
    other.close()


def catches_an_error(ctx: Context, note: str) -> str:
    """Go on after a statement that failed, as if the transaction were whole."""
    with contextlib.suppress(Exception), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return "as if nothing were"


def closes_the_connection(ctx: Context, note: str) -> None:
    """Take the engine's connection away."""
    connection.close()


def replaces_the_connection(ctx: Context, note: str) -> None:
    """Take the engine's connection away and write on a new one."""
    connection.close()
    connection.in_atomic_block = False
    connection.ensure_connection()
    with contextlib.suppress(Exception):
        Mark.objects.create(name="behind the back", attempt=0, execution="")


def ends_the_session(ctx: Context, note: str) -> None:
    """Have the server end the session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def sets_rollback(ctx: Context, note: str) -> str:
    """Mark the transaction as one to be rolled back, and return."""
    transaction.set_rollback(True)
    return "as if nothing were"


POISONS = {
    "sql: endless statement": sends("SELECT pg_sleep(3600)"),
    "sql: endless computation": sends("SELECT count(*) FROM generate_series(1, 1000000000000)"),
    "sql: stubborn statement": sleeps_stubbornly,
    "sql: a lock of somebody else": sends("SELECT pg_advisory_xact_lock(815)"),
    "sql: COMMIT": sends("COMMIT"),
    "sql: ROLLBACK": sends("ROLLBACK"),
    "sql: COMMIT and BEGIN": sends("COMMIT", "BEGIN"),
    "sql: released savepoint": sends("RELEASE SAVEPOINT member"),
    "sql: PREPARE TRANSACTION": sends("PREPARE TRANSACTION 'left'"),
    "sql: deferred constraint": breaks_a_deferred_constraint,
    "sql: deadlock": deadlocks,
    "sql: caught error": catches_an_error,
    "sql: closed connection": closes_the_connection,
    "sql: replaced connection": replaces_the_connection,
    "sql: ended session": ends_the_session,
    "sql: set_rollback": sets_rollback,
    "sql: temporary table": sends("CREATE TEMP TABLE mine (id int)", "DROP TABLE mine"),
    "sql: locked table": sends("LOCK TABLE probe_parent IN ACCESS EXCLUSIVE MODE"),
    "sql: locked engine": sends("LOCK TABLE actions_execution IN SHARE MODE"),
    "sql: session lock": sends("SELECT pg_advisory_lock(4711)"),
    "sql: LISTEN": sends("LISTEN left_behind"),
    "sql: SET LOCAL": sends("SET LOCAL search_path = pg_catalog, public"),
    "sql: read only": sends("SET TRANSACTION READ ONLY"),
    "sql: no patience": sends("SET LOCAL statement_timeout = '1ms'"),
}
