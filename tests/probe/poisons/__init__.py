"""Actions that harm their worker, their record or their neighbours, as careless code may.

What a body does is named by the param `poison`. Whenever a body begins it adds a line to the file
`<note>.starts`, so that a test can count the bodies and not only the attempts.
"""

import inspect
from pathlib import Path

from actions import Context, action
from tests.probe.models import Mark
from tests.probe.poisons import crashes, errors, hangs, lines, results, spoils, statements, traces

POISONS = {
    **crashes.POISONS,
    **errors.POISONS,
    **hangs.POISONS,
    **lines.POISONS,
    **results.POISONS,
    **spoils.POISONS,
    **statements.POISONS,
}

QUICK = {"backoff": "fixed", "delay_seconds": 0.05, "jitter": "none"}
# More attempts than a worker may die for one execution.
FIVE = {"max_attempts": 5, **QUICK}
TWO = {"max_attempts": 2, **QUICK}
SHORT = 0.5


def swallow(ctx: Context, poison: str, note: str):
    """Say that the body has begun, then do the deed."""
    with Path(f"{note}.starts").open("a") as starts:
        starts.write(f"{ctx.attempt}\n")
    return POISONS[poison](ctx, note)


async def swallow_beside(ctx: Context, poison: str, note: str):
    """The same in the lane of coroutines; a deed may be a coroutine itself."""
    returned = swallow(ctx, poison, note)
    return await returned if inspect.iscoroutine(returned) else returned


def swallow_inside(ctx: Context, poison: str, note: str):
    """The same after a write that must never be seen unless the attempt succeeds."""
    Mark.objects.create(name=Path(note).name, attempt=ctx.attempt, execution=ctx.execution_id)
    return swallow(ctx, poison, note)


@action("poison-outside", effect="external", repeatable=True, retry=FIVE)
def outside(ctx: Context, *, poison: str, note: str):
    """Poison that may be repeated."""
    return swallow(ctx, poison, note)


@action("poison-once", effect="external", retry=FIVE)
def once(ctx: Context, *, poison: str, note: str):
    """Poison that may not be repeated if nobody knows what it did."""
    return swallow(ctx, poison, note)


@action("poison-inside", effect="transactional", retry=FIVE)
def inside(ctx: Context, *, poison: str, note: str):
    """Poison in the transaction that settles it."""
    return swallow_inside(ctx, poison, note)


@action("poison-beside", effect="external", repeatable=True, retry=FIVE)
async def beside(ctx: Context, *, poison: str, note: str):
    """Poison among coroutines."""
    return await swallow_beside(ctx, poison, note)


@action("poison-short-outside", effect="external", repeatable=True, retry=TWO, timeout=SHORT)
def short_outside(ctx: Context, *, poison: str, note: str):
    """Poison that has little time."""
    return swallow(ctx, poison, note)


@action("poison-short-once", effect="external", retry=TWO, timeout=SHORT)
def short_once(ctx: Context, *, poison: str, note: str):
    """Poison that has little time and may not be repeated."""
    return swallow(ctx, poison, note)


@action("poison-short-inside", effect="transactional", retry=TWO, timeout=SHORT)
def short_inside(ctx: Context, *, poison: str, note: str):
    """Poison that has little time, in the transaction that settles it."""
    return swallow_inside(ctx, poison, note)


@action("poison-short-beside-once", effect="external", retry={"max_attempts": 1}, timeout=SHORT)
async def short_beside_once(ctx: Context, *, poison: str, note: str):
    """Poison among coroutines that comes once, and has little time."""
    return await swallow_beside(ctx, poison, note)


@action("poison-short-beside", effect="external", repeatable=True, retry=TWO, timeout=SHORT)
async def short_beside(ctx: Context, *, poison: str, note: str):
    """Poison that has little time, among coroutines."""
    return await swallow_beside(ctx, poison, note)


@action("probe-state-outside", effect="external", repeatable=True)
def state_outside(ctx: Context):
    """Say in what state the worker is."""
    return traces.of_worker()


@action("probe-state-inside", effect="transactional")
def state_inside(ctx: Context):
    """Say in what state the worker and its database session are."""
    return {**traces.of_worker(), **traces.of_session()}


@action("probe-state-beside", effect="external", repeatable=True)
async def state_beside(ctx: Context):
    """Say in what state the worker is, from its other lane."""
    return traces.of_worker()
