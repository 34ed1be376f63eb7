"""`manage.py workers`: who is alive and what they hold. Floor 5, a door."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from actions.models import Execution, Worker


class Command(BaseCommand):
    """Print the workers, newest first, and what each holds."""

    help = "Show the workers of the last day and what they hold."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each worker and one for each execution that it holds."""
        now = timezone.now()
        known = list(Worker.objects.known())
        for worker in known:
            heard = (now - worker.heartbeat_at).total_seconds()
            queues = ", ".join(worker.queues) or "all queues"
            self.stdout.write(f"{worker.label}  {worker.state}  heard {heard:.0f} s ago  {queues}")
            for held in Execution.objects.held_by(worker.pk).order_by("started_at"):
                took = (now - held.began_at).total_seconds()
                self.stdout.write(
                    f"    {held.shown_id}  {held.action_name}  "
                    f"attempt {held.attempt_count}  {took:.1f} s"
                )
        if not known:
            self.stdout.write("No worker has been seen in the last day; run manage.py qcluster.")
