"""`manage.py seed_demo`: the demo's people, key and workflows, and the story of its first start."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.errors import Refusal
from onboarding.demo import accounts, story


class Command(BaseCommand):
    """Seed the demo; what is there already is left as it is."""

    help = "Make the demo's logins and API key, and run its story once; `up` calls this."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how much to do, and how long to wait."""
        parser.add_argument(
            "--accounts-only", action="store_true", help="make logins and key, tell no story"
        )
        parser.add_argument(
            "--patience", type=float, default=60, metavar="SECONDS", help="for each step"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seed; a story that cannot be told to its end is an error with advice."""
        directory = settings.ACTIONSITE_DATA_DIR
        directory.mkdir(parents=True, exist_ok=True)
        by = accounts.ensure(directory)
        if options["accounts_only"]:
            return
        teller = story.Teller(
            by=by,
            operator=accounts.person("operator"),
            say=self.stdout.write,
            patience_seconds=options["patience"],
        )
        try:
            teller.tell()
        except (story.StoryInterrupted, Refusal) as trouble:
            raise CommandError(str(trouble)) from trouble
