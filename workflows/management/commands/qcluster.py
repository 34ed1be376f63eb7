"""`manage.py qcluster`: run the workers. Floor 5, a door.

It takes the place of django-q2's command of that name, whose supervision it builds on.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from workflows.supervisor import run_cluster


class Command(BaseCommand):
    """Start the workers and keep them alive."""

    # The checks are of pages and URLs for the most part, which workers do not have.
    requires_system_checks: tuple[str, ...] = ()
    help = "Run the workers; SIGTERM lets them finish and leave."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until a signal."""
        sys.exit(run_cluster())
