"""`manage.py sync_actions`: bring the declared actions to the catalogue. Floor 5, a door."""

from typing import Any

from django.core.management.base import BaseCommand

from actions import definitions
from actions.management.operator import operator


class Command(BaseCommand):
    """Run after a deployment; `migrate` and `up` do it too."""

    help = "Bring the actions that the installed apps declare to the catalogue."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync and say what was new."""
        report = definitions.sync(by=operator())
        for what in ("added", "changed", "gone", "returned"):
            for name in getattr(report, what):
                self.stdout.write(f"{what} {name}")
        self.stdout.write(f"{len(report.unchanged)} unchanged")
