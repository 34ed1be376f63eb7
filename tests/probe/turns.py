"""Actions whose turn depends on a priority, a queue or a limit."""

import asyncio

from actions import Context, Retry, action


@action("probe-urgent", effect="none", priority=10)
def urgent(ctx: Context) -> None:
    """Go before others."""


@action("probe-patient", effect="none", priority=-10)
def patient(ctx: Context) -> None:
    """Let others go before."""


@action("probe-elsewhere", effect="none", queue="elsewhere")
def elsewhere(ctx: Context) -> None:
    """Wait in a queue of its own."""


@action("probe-two-at-once", effect="external", repeatable=True, concurrency=2)
async def two_at_once(ctx: Context, *, seconds: float = 0.0) -> None:
    """Take so long, two at a time at most."""
    await asyncio.sleep(seconds)


@action(
    "probe-one-per-customer",
    effect="transactional",
    concurrency={"limit": 1, "per": ["customer"]},
)
def one_per_customer(ctx: Context, *, customer: str) -> None:
    """Be the only one of its customer."""


@action("probe-paced", effect="none", rate="30/m")
def paced(ctx: Context) -> None:
    """Begin every other second."""


@action("probe-brisk", effect="none", rate="50/s")
def brisk(ctx: Context) -> None:
    """Begin at most fifty times a second."""


@action(
    "probe-paced-per-customer",
    effect="none",
    concurrency={"limit": 1, "per": ["customer"]},
    rate="1/h",
)
def paced_per_customer(ctx: Context, *, customer: str) -> None:
    """Begin once an hour, and be the only one of its customer."""


AT_ONCE = {"max_attempts": 5, "backoff": "fixed", "delay_seconds": 0, "jitter": "none"}
BUDGET = AT_ONCE | {"budget_seconds": 60}


@action("probe-budget-inside", effect="transactional", retry=BUDGET, rate="100/s")
def budget_inside(ctx: Context) -> None:
    """Fail, and have a minute for retries."""
    raise Retry("not yet", code="not_yet")


@action("probe-budget-outside", effect="external", retry=BUDGET)
def budget_outside(ctx: Context) -> None:
    """The same outside."""
    raise Retry("not yet", code="not_yet")


@action("probe-budget-beside", effect="external", retry=BUDGET)
async def budget_beside(ctx: Context) -> None:
    """The same beside others."""
    raise Retry("not yet", code="not_yet")
