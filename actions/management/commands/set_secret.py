"""`manage.py set_secret NAME [--allow PATTERN]`. Floor 5, a door."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions import vault
from actions.errors import Refusal
from actions.management.operator import operator


class Command(BaseCommand):
    """Set a secret; its value never stands on the command line, where others could read it."""

    help = "Set a secret; the value is asked for, or read from standard input if it is a pipe."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="such as smtp-password")
        parser.add_argument(
            "--allow",
            action="append",
            metavar="PATTERN",
            help="names of actions that may read it, such as send-*; left out, it stays as it is, "
            "at first all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it, or say why not."""
        try:
            secret = vault.set_secret(
                options["name"], _value(), by=operator(), actions=options["allow"]
            )
        except Refusal as refused:
            raise CommandError(refused.detail) from refused
        self.stdout.write(f"{secret.name} has version {secret.version_number}.")


def _value() -> str:
    """What was typed, or piped; the line's end is not part of it."""
    if sys.stdin.isatty():
        return getpass.getpass("Value: ")
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")
