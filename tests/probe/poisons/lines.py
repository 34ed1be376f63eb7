"""More log and progress than anybody reads."""

import threading

from actions import Context

LINES = 10_000


def many(ctx: Context, note: str) -> None:
    """Write far too many lines."""
    for number in range(LINES):
        ctx.log.info(f"line {number}")


def long(ctx: Context, note: str) -> None:
    """Write one line that is far too long."""
    ctx.log.info("x" * 1_000_000)


def odd(ctx: Context, note: str) -> None:
    """Write lines whose fields are no JSON."""
    for value in (
        object(),
        {1, 2},
        b"abc",
        float("nan"),
        10**5000,
        "\ud800",
        "a\x00b",
        "x" * 99_999,
    ):
        ctx.log.info("odd", value=value)
    ctx.log.info("odd\x00\ud800")


def progress(value: object):
    """Report something as progress."""

    def report(ctx: Context, note: str) -> None:
        ctx.heartbeat(value)
        # The heartbeat's thread stores it, at any time from now on.
        threading.Event().wait(1)

    return report


POISONS = {
    "log: many lines": many,
    "log: a long line": long,
    "log: odd fields": odd,
    "progress: large": progress("x" * 1_000_000),
    "progress: no JSON": progress(threading.Lock()),
    "progress: NUL": progress("a\x00b"),
    "progress: NaN": progress(float("nan")),
}
