"""Actions that do one telling thing each.

What is drawn tells from outside how often something ran: one execution has one draw, and a replay
shows the same one again.
"""

import asyncio
import time
from typing import Any, Literal
from uuid import uuid4

from actions import Context, Final, Retry, action

QUICK_RETRY = {"max_attempts": 3, "backoff": "fixed", "delay_seconds": 0.05, "jitter": "none"}
LOOK_EVERY_SECONDS = 0.05
# More than a service keeps unless it is told to.
TOO_LARGE = 2_000_000


@action("conformance-draw", effect="transactional")
def draw(ctx: Context, *, name: str, colour: str = "red") -> dict[str, str]:
    """Return something that no other execution returns."""
    return {"draw": uuid4().hex, "name": name, "colour": colour}


@action("conformance-echo", effect="none")
def echo(ctx: Context, *, value: object = None) -> object:
    """Return what came in."""
    return value


@action("conformance-needs-key", effect="none", idempotency="required")
def needs_key(ctx: Context) -> str:
    """Be refused without a key."""
    return uuid4().hex


@action("conformance-derives-key", effect="none", idempotency="derived")
def derives_key(ctx: Context, *, name: str) -> str:
    """Have the params for a key."""
    return uuid4().hex


@action("conformance-decline", effect="external")
def decline(ctx: Context, *, name: str) -> None:
    """Fail for good."""
    raise Final("declined", f"{name} was declined.", details={"name": name})


@action("conformance-flaky", effect="none", retry=QUICK_RETRY)
def flaky(ctx: Context, *, name: str, fail_times: int) -> dict[str, Any]:
    """Fail so many times, then succeed."""
    if ctx.attempt <= fail_times:
        raise Retry("Not yet.", code="not_yet")
    return {"draw": uuid4().hex, "attempt": ctx.attempt}


@action("conformance-slow", effect="external", repeatable=True)
async def slow(ctx: Context, *, name: str, seconds: float) -> dict[str, str]:
    """Take so long, and stop when that is asked for."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not ctx.cancelled:
        await asyncio.sleep(min(left, LOOK_EVERY_SECONDS))
    ctx.heartbeat()
    return {"draw": uuid4().hex}


@action("conformance-hold", effect="external", retry={"max_attempts": 1})
def hold(ctx: Context, *, name: str, seconds: float) -> dict[str, str]:
    """Keep a worker busy for so long, or until that is to stop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not ctx.cancelled:
        time.sleep(LOOK_EVERY_SECONDS)
    return {"draw": uuid4().hex}


@action("conformance-odd", effect="none", retry={"max_attempts": 1}, result={})
def odd(ctx: Context, *, oddity: Literal["not JSON", "too large"]) -> object:
    """Return what cannot be kept."""
    return object() if oddity == "not JSON" else "x" * TOO_LARGE
