"""`manage.py demo_services`: the demo's mail server and sandbox service, in the foreground."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onboarding.demo import running
from onboarding.demo.mailbox import PortTaken


class Command(BaseCommand):
    """Run the demo's services until stopped."""

    help = "Run the demo's mail server and sandbox service; `up` starts this in demo posture."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        directory = settings.ACTIONSITE_DATA_DIR
        directory.mkdir(parents=True, exist_ok=True)
        servers = running.Servers(
            directory=directory,
            smtp_port=settings.ACTIONSITE_DEMO_SMTP_PORT,
            http_port=settings.ACTIONSITE_DEMO_HTTP_PORT,
        )
        try:
            running.run_until_told(servers)
        except PortTaken as taken:
            raise CommandError(str(taken)) from taken
