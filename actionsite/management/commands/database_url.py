"""`manage.py database_url`: how to reach the database, for psql and other tools."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from actionsite.embedded import cluster_of


class Command(BaseCommand):
    """Prints one URL on standard output, and on standard error whether somebody answers there."""

    help = "Print the URL of the database, for example for: psql $(manage.py database_url)"

    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        """Start nothing."""
        self.stdout.write(settings.DATABASE_URL)
        cluster = cluster_of(settings.ACTIONSITE_DATA_DIR)
        if cluster.url() == settings.DATABASE_URL and cluster.postmaster() is None:
            self.stderr.write("It is not running now; manage.py up starts it.")
