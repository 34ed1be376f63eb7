"""`manage.py create_api_key NAME --scope … [--allow PATTERN]`. Floor 5, a door."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from actions import access
from actions.errors import Refusal
from actions.management.operator import operator


class Command(BaseCommand):
    """Print a new API key and nothing else on standard output; it cannot be read again."""

    help = "Make an API key and print it; keep it, it is shown only once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="what the key is for, as the record will show it")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            metavar="SCOPE",
            help=f"may be given several times: {', '.join(sorted(access.PERMISSIONS))}",
        )
        parser.add_argument(
            "--allow",
            action="append",
            default=[],
            metavar="PATTERN",
            help="names of actions that the key may touch, such as invoice-*; all if left out",
        )
        parser.add_argument("--expires-days", type=int, metavar="DAYS", help="never if left out")

    def handle(self, *args: Any, **options: Any) -> str:
        """Make the key."""
        days = options["expires_days"]
        try:
            _, key = access.create_key(
                name=options["name"],
                scopes=options["scope"],
                patterns=options["allow"],
                by=operator(),
                expires_at=timezone.now() + timedelta(days=days) if days is not None else None,
            )
        except Refusal as refused:
            raise CommandError(refused.detail) from refused
        return key
