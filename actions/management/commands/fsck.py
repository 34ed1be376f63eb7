"""`manage.py fsck`: do the rows keep the promises? Floor 5, a door."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from actions.promises import broken_promises, kept


class Command(BaseCommand):
    """Print whatever breaks a promise, and fail if anything does."""

    help = "Check the promises of the record; reads only, safe while everything runs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and print."""
        breaches = broken_promises()
        for breach in breaches:
            self.stdout.write(f"{breach.subject}  {breach.detail}\n    breaks: {breach.promise}")
        if breaches:
            raise CommandError(f"{len(breaches)} findings.")
        self.stdout.write(f"{len(kept())} promises hold.")
