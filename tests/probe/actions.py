"""Actions that do one telling thing each."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction

from actions import Context, Final, Retry, action
from actions.models import Execution
from tests.probe import leftovers, neighbours, outside, poisons, troubles, turns
from tests.probe.models import Child, Mark

QUICK_RETRY = {"max_attempts": 3, "backoff": "fixed", "delay_seconds": 0.05, "jitter": "none"}


@action("probe-mark", effect="transactional", retry=QUICK_RETRY)
def mark(ctx: Context, *, name: str) -> dict[str, str]:
    """Leave one mark."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    return {"name": name}


@action("probe-mark-in-turn", effect="transactional", retry=QUICK_RETRY, concurrency=2)
def mark_in_turn(ctx: Context, *, name: str) -> dict[str, str]:
    """Leave one mark, two at a time at most."""
    return mark(ctx, name=name)


@action("probe-nothing", effect="none")
def nothing(ctx: Context) -> None:
    """Do nothing."""


@action("probe-echo", effect="none")
def echo(ctx: Context, *, value: object = None) -> object:
    """Return what came in."""
    return value


@action("probe-hold", effect="transactional", retry=QUICK_RETRY)
def hold(ctx: Context, *, name: str, gate: str) -> int:
    """Leave a mark, say that it has begun, and wait for the gate's file on the first attempt."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    begun = Path(f"{gate}.begun")
    begun.write_text(str(os.getpid()))
    while ctx.attempt == 1 and not Path(gate).exists():
        time.sleep(0.01)
    return ctx.attempt


@action("probe-flaky", effect="transactional", retry=QUICK_RETRY)
def flaky(ctx: Context, *, name: str, fail_times: int) -> int:
    """Leave a mark, then fail so many times."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    ctx.log.info("trying", attempt=ctx.attempt)
    if ctx.attempt <= fail_times:
        raise Retry("not yet", code="not_yet")
    return ctx.attempt


@action("probe-when-open", effect="transactional")
def when_open(ctx: Context) -> None:
    """Fail for good unless somebody has left the mark `open`."""
    if not Mark.objects.filter(name="open").exists():
        raise Final("closed", "It is closed.")


@action("probe-slow-failure", effect="none", retry=QUICK_RETRY | {"budget_seconds": 0.2})
def slow_failure(ctx: Context) -> None:
    """Take longer than there is time for retries, and fail."""
    time.sleep(0.3)
    raise Retry("not yet", code="not_yet")


@action("probe-hook", effect="transactional")
def hook(ctx: Context) -> None:
    """Count after the commit what runs besides."""

    def count() -> None:
        running = Execution.objects.filter(status="running").count()
        Mark.objects.create(name=f"beside {running}", attempt=1, execution="")

    transaction.on_commit(count)


@action("probe-decline", effect="external")
def decline(ctx: Context) -> None:
    """Fail for good."""
    raise Final("card_declined", "The card was declined.", details={"reason": "limit"})


@action("probe-deliver", effect="external", repeatable=True, retry={"max_attempts": 1})
def deliver(ctx: Context, *, gate: str) -> str:
    """Deliver something, if the service is up, which is to say if the gate's file is there."""
    if not Path(gate).exists():
        raise Retry("Connection refused by the mail server.", code="connection_refused")
    return "delivered"


@action("probe-orphan", effect="transactional", retry=QUICK_RETRY)
def orphan(ctx: Context, *, name: str) -> None:
    """Break a deferred foreign key, which the database notices only at the commit."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    Child.objects.create(parent_id=987_654_321)


@action("probe-bad-sql", effect="none", retry={"max_attempts": 1})
def bad_sql(ctx: Context) -> None:
    """Break the transaction that it runs in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@action("probe-sleep", effect="external", timeout=0.3, retry={"max_attempts": 1})
def sleep(ctx: Context, *, seconds: float) -> str:
    """Take so long, outside."""
    time.sleep(seconds)
    return "rested"


@action("probe-slow-sql", effect="transactional", timeout=0.3, retry={"max_attempts": 1})
def slow_sql(ctx: Context) -> None:
    """Take too long, in the database."""
    Mark.objects.create(name="slow", attempt=ctx.attempt, execution=ctx.execution_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


@action("probe-wait-for-cancel", effect="external", retry={"max_attempts": 1})
def wait_for_cancel(ctx: Context, *, gate: str) -> str:
    """Say that it has begun, and go on until it is asked to stop."""
    Path(f"{gate}.begun").write_text(str(os.getpid()))
    while True:
        ctx.heartbeat()
        time.sleep(0.01)


@action("probe-repeatable", effect="external", repeatable=True)
def repeatable(ctx: Context) -> None:
    """Be external, and safe to repeat."""


@action("probe-nap", effect="external")
async def nap(ctx: Context, *, seconds: float) -> None:
    """Wait for the network, as it were."""
    await asyncio.sleep(seconds)


@action("probe-late", effect="external", timeout=0.2, retry={"max_attempts": 1})
async def late(ctx: Context) -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


@action("probe-fetch", effect="external", repeatable=True)
async def fetch(ctx: Context, *, word: str) -> str:
    """Be a coroutine."""
    ctx.log.info("fetched", word=word)
    return word.upper()


@action("probe-secret-later", effect="none")
async def secret_later(ctx: Context) -> int:
    """Read a secret on the loop."""
    return len(ctx.secret("probe-password"))


@action(
    "probe-login",
    effect="none",
    params={
        "type": "object",
        "properties": {
            "user": {"type": "string"},
            "code": {"type": "string", "minLength": 3, "writeOnly": True},
        },
        "required": ["user", "code"],
        "additionalProperties": False,
    },
    result={
        "type": "object",
        "properties": {"session": {"type": "string", "x-secret": True}},
        "required": ["session", "length"],
    },
)
def login(ctx: Context, *, user: str, code: str) -> dict[str, object]:
    """Take a secret and return another."""
    return {"session": f"session of {user}", "length": len(code)}


@action("probe-secret", effect="external", retry={"max_attempts": 1})
def leak(ctx: Context) -> None:
    """Say a secret aloud."""
    ctx.log.info(f"the password is {ctx.secret('probe-password')}")
    raise ValueError(f"cannot use {ctx.secret('probe-password')}")


@action("probe-report", effect="transactional")
def report(ctx: Context, *, gate: str) -> None:
    """Report what is done, and wait for the gate's file."""
    ctx.log.info("one is done")
    ctx.heartbeat({"done": 1})
    while not Path(gate).exists():
        time.sleep(0.01)
    ctx.log.info("all is done")


@action("probe-mark-outside", effect="external", repeatable=True, retry=QUICK_RETRY)
def mark_outside(ctx: Context, *, name: str) -> None:
    """Leave one mark however often it is called: a service that honours the key."""
    Mark.objects.get_or_create(
        name=name, execution=ctx.idempotency_key, defaults={"attempt": ctx.attempt}
    )


@action("probe-mark-beside", effect="external", repeatable=True, retry=QUICK_RETRY)
async def mark_beside(ctx: Context, *, name: str) -> None:
    """The same beside others; the service is in a thread of its own."""
    await asyncio.to_thread(_call_service, name, ctx.idempotency_key, ctx.attempt)


def _call_service(name: str, key: str, attempt: int) -> None:
    try:
        Mark.objects.get_or_create(name=name, execution=key, defaults={"attempt": attempt})
    finally:
        connection.close()


@action("probe-odd-error", effect="external", retry={"max_attempts": 1})
def odd_error(ctx: Context, *, oddity: str) -> None:
    """Fail in a way that is hard to write down."""
    raise ODDITIES[oddity]()


@action("probe-odd-coroutine", effect="external", retry={"max_attempts": 1})
async def odd_coroutine(ctx: Context, *, oddity: str) -> None:
    """The same beside others."""
    raise ODDITIES[oddity]()


ODDITIES: dict[str, Callable[[], Exception]] = {
    "object in the details": lambda: Final("odd", "m", details={"o": object()}),
    "surrogate in the details": lambda: Final("odd", "m", details={"o": "\ud800"}),
    "NUL in the details": lambda: Final("odd", "m", details={"o": "a\x00"}),
    "NaN in the details": lambda: Final("odd", "m", details={"o": float("nan")}),
    "large details": lambda: Final("odd", "m", details={"o": "x" * 2_000_000}),
    "a code that is none": lambda: Final("Not A \x00 Code!", "m"),
    "a wait that is no number": lambda: Retry("m", after="soon", code="odd"),
    "a wait beyond numbers": lambda: Retry("m", after=10**400, code="odd"),
}


@action("probe-details", effect="external", retry={"max_attempts": 1})
def details(ctx: Context) -> None:
    """Say a secret in the details of an error."""
    secret = ctx.secret("probe-password")
    raise Final("odd", "m", details={"k": secret, secret: ["abc " + secret]})


@action("probe-marked", effect="external", retry={"max_attempts": 1})
def marked(ctx: Context, *, password: str) -> None:
    """Say a marked param aloud."""
    ctx.log.info(f"it is {password}")
    raise ValueError(f"wrong: {password}")


@action("probe-commit", effect="transactional", retry=QUICK_RETRY)
def commit(ctx: Context, *, name: str, statement: str = "COMMIT", behind: bool = False) -> None:
    """End the transaction, which is not the action's; behind Django's back if need be."""
    Mark.objects.create(name=name, attempt=ctx.attempt, execution=ctx.execution_id)
    if behind:
        connection.connection.execute(statement)
        return
    with connection.cursor() as cursor:
        cursor.execute(statement)


# Declared by being imported, as all that stands here.
# Django looks for actions in this module only.
__all__ = ["leftovers", "neighbours", "outside", "poisons", "troubles", "turns"]
