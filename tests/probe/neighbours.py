"""Actions that leave something to those who share their transaction."""

import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction

from actions import Context, action
from tests.probe.models import Mark

ONCE = {"max_attempts": 1}


def _last_answer(statements: list[str], *, is_raw: bool) -> object:
    """What the last statement answers; raw ones go past Django."""
    row = None
    for statement in statements:
        if is_raw:
            row = connection.connection.execute(statement)
            continue
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
    return row[0] if isinstance(row, tuple) else None


@action("probe-send", effect="transactional", retry=ONCE)
def send(ctx: Context, *, statements: list[str], raw: bool = False) -> object:
    """Send statements."""
    return _last_answer(statements, is_raw=raw)


@action("probe-send-only", effect="none", retry=ONCE)
def send_only(ctx: Context, *, statements: list[str], raw: bool = False) -> object:
    """Send statements, and write nothing."""
    return _last_answer(statements, is_raw=raw)


@action("probe-leave-hook", effect="transactional", retry=ONCE, timeout=1)
def leave_hook(ctx: Context, *, name: str = "") -> None:
    """Leave a mark after the commit; without a name fail there, or wait there for long."""

    def leave() -> None:
        if not name:
            raise ValueError("the hook fails")
        if name == "for long":
            time.sleep(600)
        Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)

    transaction.on_commit(leave)


@action("probe-linger", effect="transactional", retry=ONCE)
def linger(ctx: Context, *, gate: str = "") -> None:
    """Wait for the gate's file, if one is named."""
    _wait(lambda: not gate or Path(gate).exists())


def _wait(is_over: Callable[[], bool]) -> None:
    while not is_over():
        time.sleep(0.02)
