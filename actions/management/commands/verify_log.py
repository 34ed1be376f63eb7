"""`manage.py verify_log [--since …] [--head HEX]`: is the log what was sealed? Floor 5, a door."""

from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions import moments, seals
from actions.seals import Verification


class Command(BaseCommand):
    """Print what is not as it was sealed, and fail if anything is not."""

    help = "Verify the log against its seals; reads only, safe while everything runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--since",
            type=_moment,
            metavar="TIME",
            help="begin with the hour of that time, such as 2026-11-22T13:00; UTC unless it says",
        )
        parser.add_argument(
            "--head",
            default="",
            metavar="HEX",
            help="a head that the workers' log has named earlier: it has to be in the chain",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and print."""
        result = seals.verify(since=options["since"], head=options["head"])
        for finding in result.findings:
            self.stdout.write(f"{finding}.")
        self.stdout.write(_span(result))
        if result.findings:
            raise CommandError(f"{len(result.findings)} findings; the first is where to begin.")


def _span(result: Verification) -> str:
    if result.until is None:
        return "No hour is sealed yet; workers seal each hour five minutes after its end."
    since = f"{result.since:%Y-%m-%d %H:%M}" if result.since else "the beginning"
    until = f"{result.until:%Y-%m-%d %H:%M}"
    return (
        f"Verified {result.seal_count} seals over {result.row_count} rows, from {since} to {until} "
        f"UTC; what was stored since then is not sealed yet.\nHead: {result.head}"
    )


def _moment(text: str) -> datetime:
    try:
        return moments.read(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time; give one such as 2026-11-22T13:00") from None
