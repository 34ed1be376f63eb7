"""`manage.py database_rights --role NAME`: what the role of web and workers needs, as SQL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from actionsite import rights


class Command(BaseCommand):
    """Prints SQL and changes nothing."""

    help = (
        "Print the SQL that lets a role serve and work, but not change the log; for psql as the "
        "owner of the tables, after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--role", required=True, help="a role that is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a statement a line."""
        self.stdout.write("\n".join(rights.statements(options["role"])))
