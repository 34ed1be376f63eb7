"""`manage.py workers [--all]`: who is alive and what they hold. Floor 5, a door."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from actions.models import Execution, Worker

RECENTLY = timedelta(hours=1)
MOST_ENDED = 100
# Its lease is over and nobody has reaped it yet: who else lives does so within seconds.
SILENT = "silent beyond its lease"


class Command(BaseCommand):
    """Print the workers, those that may hold something first, and what each holds."""

    help = "Show the workers that live or have ended within the hour, and what they hold."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--all", action="store_true", help="also all that ended before and are remembered"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each worker and one for each execution that it holds."""
        now, living = timezone.now(), Worker.objects.holding().order_by("-id")
        if options["all"]:
            shown = [*living, *Worker.objects.ended()]
        else:
            shown = [*living, *Worker.objects.ended(within=RECENTLY)[:MOST_ENDED]]
        silent = set(Worker.objects.silent().values_list("pk", flat=True))
        for worker in shown:
            self._print(worker, now=now, silent=silent)
        if not shown:
            self.stdout.write("No worker has been seen within the hour; run manage.py qcluster.")
        elif not Worker.objects.within_lease().exists():
            self.stdout.write("No worker is alive; run manage.py qcluster.")

    def _print(self, worker: Worker, *, now: datetime, silent: Collection[int]) -> None:
        heard = (now - worker.heartbeat_at).total_seconds()
        queues = ", ".join(worker.queues) or "all queues"
        state = SILENT if worker.pk in silent else worker.state
        self.stdout.write(f"{worker.label}  {state}  heard {heard:.0f} s ago  {queues}")
        for held in Execution.objects.held_by(worker.pk).order_by("started_at"):
            took = (now - held.began_at).total_seconds()
            self.stdout.write(
                f"    {held.shown_id}  {held.action_name}  attempt {held.attempt_count}  {took:.1f} s"
            )
