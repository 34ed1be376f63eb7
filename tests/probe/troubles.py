"""Actions that meet trouble with the database, the clock or a service that is down."""

import decimal
import time
from pathlib import Path

from django.db import connection, transaction

from actions import Context, Retry, action
from tests.probe.models import Mark, Parent

QUICK_RETRY = {"max_attempts": 5, "backoff": "fixed", "delay_seconds": 0.05, "jitter": "none"}
DIAL_RETRY = {"max_attempts": 4, "backoff": "exponential", "delay_seconds": 0.4, "jitter": "full"}


@action("probe-lock-two", effect="transactional", retry=QUICK_RETRY)
def lock_two(ctx: Context, *, first: int, second: int, place: str) -> int:
    """Lock a row, wait on the first attempt until somebody has the other, and lock that too."""
    Parent.objects.select_for_update().get(id=first)
    Mark.objects.create(name=str(first), attempt=ctx.attempt, execution=ctx.execution_id)
    (Path(place) / str(first)).touch()
    while not (Path(place) / str(second)).exists():
        time.sleep(0.01)
    Parent.objects.select_for_update().get(id=second)
    return ctx.attempt


@action("probe-serialize", effect="transactional", retry=QUICK_RETRY)
def serialize(ctx: Context, *, name: str) -> int:
    """Be refused by the database twice, as if others had changed what was read."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    if ctx.attempt <= 2:
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'changed' USING ERRCODE = '40001'; END $$")
    return ctx.attempt


@action("probe-clock", effect="none")
def clock(ctx: Context) -> float:
    """Tell the time as this process knows it."""
    return time.time()


@action("probe-dial", effect="external", repeatable=True, retry=DIAL_RETRY)
def dial(ctx: Context, *, gate: str) -> int:
    """Call a service that is down until the gate's file is there."""
    if not Path(gate).exists():
        raise Retry("down", code="down")
    return ctx.attempt


@action("probe-cut", effect="transactional", retry=QUICK_RETRY | {"max_attempts": 3})
def cut(ctx: Context, *, name: str) -> None:
    """Leave a mark and lose the connection."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@action("probe-open-block", effect="transactional", retry=QUICK_RETRY)
def open_block(ctx: Context, *, name: str) -> None:
    """Enter a block and never leave it."""
    transaction.atomic().__enter__()
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)


@action("probe-round", effect="none", retry={"max_attempts": 1})
def round_once(ctx: Context, *, precision: int | None = None) -> str:
    """Divide, with a precision of its own from here on."""
    if precision is not None:
        decimal.getcontext().prec = precision
    return str(decimal.Decimal(1) / 3)
