"""Actions that leave something behind in their process, or end it."""

import asyncio
import os
import threading
import time
from pathlib import Path

from django.db import transaction

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
