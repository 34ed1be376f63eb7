"""Actions whose turn depends on a priority, a queue or a limit."""

import asyncio

from actions import Context, action


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
