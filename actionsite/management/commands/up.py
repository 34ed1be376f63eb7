"""`manage.py up`: the whole product by one command. The shell's door to actionsite/supervise."""

import os
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actionsite.embedded import PostgresFailed
from actionsite.supervise import options as command_line
from actionsite.supervise.environment import EMBEDDED_MARK
from actionsite.supervise.supervisor import Hopeless
from actionsite.supervise.up import run


class Command(BaseCommand):
    """Starts everything, stays in the foreground, and ends all it started."""

    help = "Run the product: database, web, workers and, unless told otherwise, the demo."
    # The database that the checks would like to ask is not there yet.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The options are shared with what completes the environment."""
        command_line.add_arguments(parser)

    def handle(self, **given: Any) -> None:
        """Run until a signal; a reason not to is one sentence and exit status 1."""
        names = command_line.Options.__dataclass_fields__
        options = command_line.Options(**{name: given[name] for name in names})
        try:
            run(
                options,
                say=self.say,
                is_embedded=os.environ.get(EMBEDDED_MARK) == "1",
                begun=time.monotonic(),
            )
        except (Hopeless, PostgresFailed) as reason:
            raise CommandError(str(reason)) from reason

    def say(self, text: str) -> None:
        """One message on the terminal, at once also through a pipe."""
        self.stdout.write(text)
        self.stdout.flush()
