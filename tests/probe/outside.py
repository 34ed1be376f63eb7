"""Actions that call a service outside of the database, one of every effect, and never give up.

The service is a file: one line for each call, with the key that came along. It answers while the
database is away, and remembers calls whose caller has died.
"""

import asyncio
import os
import time
from pathlib import Path

from actions import Context, action
from tests.probe.models import Mark

PATIENT_RETRY = {"max_attempts": 50, "backoff": "fixed", "delay_seconds": 0.05, "jitter": "none"}


@action("probe-book", effect="transactional", retry=PATIENT_RETRY)
def book(ctx: Context, *, name: str, seconds: float = 0) -> dict[str, str]:
    """Leave one mark."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    time.sleep(seconds)
    return {"name": name}


@action("probe-count", effect="none", retry=PATIENT_RETRY)
def count(ctx: Context, *, name: str) -> int:
    """Have no effect."""
    return len(name)


@action("probe-post", effect="external", repeatable=True, retry=PATIENT_RETRY)
def post(ctx: Context, *, name: str, ledger: str, seconds: float = 0) -> int:
    """Call a service that honours the key."""
    call(ledger, ctx.idempotency_key)
    time.sleep(seconds)
    return ctx.attempt


@action("probe-post-beside", effect="external", repeatable=True, retry=PATIENT_RETRY)
async def post_beside(ctx: Context, *, name: str, ledger: str, seconds: float = 0) -> int:
    """The same beside others."""
    await asyncio.to_thread(call, ledger, ctx.idempotency_key)
    await asyncio.sleep(seconds)
    return ctx.attempt


@action("probe-post-once", effect="external", retry=PATIENT_RETRY)
def post_once(ctx: Context, *, name: str, ledger: str, seconds: float = 0) -> int:
    """Call a service that does it again each time."""
    call(ledger, ctx.idempotency_key)
    time.sleep(seconds)
    return ctx.attempt


@action("probe-post-once-in-turn", effect="external", retry=PATIENT_RETRY, concurrency=2)
def post_once_in_turn(ctx: Context, *, name: str, ledger: str, seconds: float = 0) -> int:
    """The same, two at a time at most."""
    return post_once(ctx, name=name, ledger=ledger, seconds=seconds)


@action("probe-post-slowly", effect="external", repeatable=True, retry=PATIENT_RETRY)
def post_slowly(ctx: Context, *, name: str, ledger: str, gate: str) -> int:
    """Call a service; every attempt after the first waits for the gate's file before it does."""
    while ctx.attempt > 1 and not Path(gate).exists():
        time.sleep(0.01)
    call(ledger, ctx.idempotency_key)
    return ctx.attempt


def call(ledger: str, key: str) -> None:
    """One line in one write, so that no caller tears the line of another."""
    descriptor = os.open(Path(ledger), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, f"{key}\n".encode())
    finally:
        os.close(descriptor)
