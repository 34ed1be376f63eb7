"""Actions that leave something behind in their process, or end it."""

import asyncio
import os
import threading
import time
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection, transaction

from actions import Context, action
from tests.probe.models import Mark

ONCE = {"max_attempts": 1}
TWICE = {"max_attempts": 2, "backoff": "fixed", "delay_seconds": 0.05, "jitter": "none"}


@action("probe-block-a-thread", effect="none", timeout=0.3, retry=ONCE)
async def block_a_thread(ctx: Context) -> None:
    """Time out in a call that nobody can interrupt."""
    await asyncio.to_thread(time.sleep, 30)


@action("probe-use-a-thread", effect="none", timeout=5, retry=ONCE)
async def use_a_thread(ctx: Context) -> int:
    """Need a thread for a moment."""
    return await asyncio.to_thread(lambda: 7)


@action("probe-end-the-process", effect="none", retry=TWICE)
def end_the_process(ctx: Context) -> None:
    """End like a worker that has signed off."""
    os._exit(0)


@action("probe-leave-a-session", effect="none", retry=ONCE)
def leave_a_session(ctx: Context) -> int:
    """Leave a thread behind that is within a transaction."""
    is_inside = threading.Event()

    def stay() -> None:
        with transaction.atomic():
            Mark.objects.create(name="left", attempt=1, execution="")
            is_inside.set()
            time.sleep(600)

    threading.Thread(target=stay, daemon=True).start()
    is_inside.wait()
    return os.getpid()


@action("probe-count-for-ever", effect="external", timeout=600, retry=ONCE)
def count_for_ever(ctx: Context, *, note: str) -> int:
    """Be where no signal is heard."""
    Path(note).write_text(str(os.getpid()))
    return sum(range(10**13))


KEPT: list[object] = []


def leaves_a_connection() -> None:
    """Open a session past Django, and keep a lock in it."""
    raw = psycopg.connect(settings.DATABASE_URL)
    raw.execute("SELECT pg_advisory_xact_lock(4711)")
    KEPT.append(raw)


def leaves_a_copy() -> None:
    """Open a second session of Django's, and leave it in a transaction."""
    copy = connection.copy()
    copy.set_autocommit(False)
    with copy.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(4711)")
    KEPT.append(copy)


def leaves_a_lock() -> None:
    """Leave a thread behind whose session, in no transaction, has a lock."""
    has_locked = threading.Event()

    def stay() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(4711)")
        has_locked.set()
        threading.Event().wait(600)

    threading.Thread(target=stay, daemon=True).start()
    has_locked.wait()


def leaves_files() -> None:
    """Leave many files open."""
    KEPT.extend(os.dup(2) for _ in range(300))


LEFTOVERS = {
    "connection": leaves_a_connection,
    "copy": leaves_a_copy,
    "lock": leaves_a_lock,
    "files": leaves_files,
}


@action("probe-leave", effect="none", retry=ONCE)
def leave(ctx: Context, *, what: str) -> int:
    """Leave something open."""
    LEFTOVERS[what]()
    return os.getpid()


@action("probe-use-a-session", effect="none", retry=ONCE)
def use_a_session(ctx: Context) -> int:
    """Open a session past Django, and close it."""
    with psycopg.connect(settings.DATABASE_URL) as raw:
        raw.execute("SELECT 1")
    return os.getpid()


@action("probe-hold-a-session-beside", effect="none", retry=ONCE)
async def hold_a_session_beside(ctx: Context, *, gate: str) -> None:
    """Have a session of its own until the gate's file is there."""
    async with await psycopg.AsyncConnection.connect(settings.DATABASE_URL) as raw:
        await raw.execute("SELECT 1")
        Path(f"{gate}.begun").write_text("")
        while not Path(gate).exists():
            await asyncio.sleep(0.01)
