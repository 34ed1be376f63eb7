"""`manage.py revoke_api_key PREFIX`. Floor 5, a door."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions import access
from actions.management.operator import operator
from actions.models import ApiKey


class Command(BaseCommand):
    """Let an API key open nothing from now on; a repeat has no further effect."""

    help = "Revoke an API key, named by its public part, so that the key itself is typed nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("prefix", help="the twelve characters between as_ and the next _")

    def handle(self, *args: Any, **options: Any) -> None:
        """Revoke it, or say why not."""
        prefix = options["prefix"]
        key = ApiKey.objects.by_prefix(prefix)
        if key is None:
            raise CommandError(
                f"There is no API key {prefix[:12]!r}; GET /api/v1/api-keys lists them with their "
                "prefixes, the twelve characters after as_."
            )
        access.revoke_key(key, by=operator())
        self.stdout.write(
            f"{key.name} ({key.prefix}) opens nothing since {key.revoked_at:%F %T} UTC."
        )
