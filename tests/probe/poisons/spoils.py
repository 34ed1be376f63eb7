"""Deeds that return as if nothing were, and leave the worker changed."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable

from django.db import connection, transaction

from actions import Context
from tests.probe.poisons.crashes import lower_memory_limit

NEVER = 3600


def leaves_a_thread() -> None:
    """Leave a thread that an interpreter waits for before it ends."""
    threading.Thread(target=threading.Event().wait, args=(NEVER,), daemon=False).start()


def leaves_a_busy_thread() -> None:
    """Leave a thread that never rests, so that every other is slow."""
    threading.Thread(target=lambda: all(iter(lambda: True, False)), daemon=True).start()


def changes_the_clock() -> None:
    """Replace the clock."""
    time.time = lambda: 0.0
    time.monotonic = lambda: 0.0


def closes_files() -> None:
    """Close every file of the worker but those of its database sessions."""
    for number in range(3):
        with contextlib.suppress(OSError):
            os.close(number)
    sys.stdout = sys.stderr = None


def opens_files() -> None:
    """Leave no file number free, and allow few."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, hard))
    with contextlib.suppress(OSError):
        while True:
            os.dup(2)


def replaces_handlers() -> None:
    """Be deaf to the signals that a worker listens to."""
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)


def limits_cpu() -> None:
    """Have the kernel end the worker after one more second of work."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def begins() -> None:
    """Begin a transaction behind Django's back."""
    sends("BEGIN", "CREATE TEMP TABLE left_behind (id int)")


def sends(*statements: str) -> None:
    """Send statements on the worker's own connection."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def makes_a_role() -> None:
    """Go on as somebody with no rights."""
    sends(
        "DO $$ BEGIN CREATE ROLE probe_nobody; EXCEPTION WHEN OTHERS THEN NULL; END $$",
        "SET SESSION AUTHORIZATION DEFAULT",
        "SET ROLE probe_nobody",
    )


def reads_only() -> None:
    """Leave a session that may write nothing."""
    sends("SET default_transaction_read_only = on")


DEEDS: dict[str, Callable[[], object]] = {
    "thread": leaves_a_thread,
    "busy thread": leaves_a_busy_thread,
    "signal handlers": replaces_handlers,
    "signal mask": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()),
    "interval timer": lambda: signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3),
    "alarm": lambda: signal.alarm(1),
    "clock": changes_the_clock,
    "directory": lambda: os.chdir("/"),
    "environment": lambda: os.environ.update(PROBE_LEFT="1", DATABASE_URL="none", TZ="UTC-5"),
    "recursion limit": lambda: sys.setrecursionlimit(50),
    "standard files": closes_files,
    "file numbers": opens_files,
    "memory limit": lower_memory_limit,
    "time limit": limits_cpu,
    "umask": lambda: os.umask(0o777),
    "priority": lambda: os.nice(1),
    "death wish": lambda: ctypes.CDLL(None).prctl(1, 0, 0, 0, 0),
    "exit hook": lambda: __import__("atexit").register(threading.Event().wait, NEVER),
    "autocommit": lambda: transaction.set_autocommit(False),
    "BEGIN": begins,
    "closed connection": connection.close,
    "closed socket": lambda: os.close(connection.connection.fileno()),
    "search path": lambda: sends("SET search_path = pg_catalog"),
    "role": makes_a_role,
    "statement timeout": lambda: sends("SET statement_timeout = '200ms'"),
    "lock timeout": lambda: sends("SET lock_timeout = '200ms'"),
    "read only": reads_only,
    "time zone": lambda: sends("SET TIME ZONE 'Asia/Tokyo'"),
    "date style": lambda: sends("SET DateStyle = 'German'"),
    "advisory lock": lambda: sends("SELECT pg_advisory_lock(4711)"),
    "LISTEN": lambda: sends("LISTEN left_behind"),
    "temporary table": lambda: sends("CREATE TEMP TABLE actions_execution (id int)"),
    "prepared statement": lambda: sends("PREPARE left_behind AS SELECT 1"),
    "settings of the session": lambda: sends("SET SESSION application_name = 'left behind'"),
    "open cursor": lambda: sends("DECLARE left_behind CURSOR WITH HOLD FOR SELECT 1"),
}


def quietly(spoil: Callable[[], object]) -> Callable[[Context, str], None]:
    """Spoil, and say nothing of it."""

    def deed(ctx: Context, note: str) -> None:
        spoil()

    return deed


POISONS = {f"left: {name}": quietly(spoil) for name, spoil in DEEDS.items()}
