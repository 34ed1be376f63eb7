"""Named events that somebody has sent to a run, and which step has taken each.

Floor 2.
"""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class RunSignalQuerySet(models.QuerySet["RunSignal"]):
    """Reads of the events."""

    def next_for(self, run_id: UUID, name: str) -> "RunSignal | None":
        """The earliest of that name that no step has taken."""
        return self.filter(run_id=run_id, name=name, taken_by=None).order_by("id").first()

    def untaken_count(self, run_id: UUID) -> int:
        """How many of them no step has taken."""
        return self.filter(run_id=run_id, taken_by=None).count()


class RunSignal(models.Model):
    """One event, kept also if nobody waits for it yet."""

    run = models.ForeignKey(
        "Run", on_delete=models.PROTECT, related_name="signals", db_constraint=False, db_index=False
    )
    name = models.CharField(max_length=100)
    # Secrets are masked here and sealed beside it.
    payload = models.JSONField(null=True)
    payload_sealed = models.BinaryField(null=True)
    actor_label = models.CharField(max_length=250)
    received_at = models.DateTimeField(db_default=Now())
    taken_by = models.UUIDField(null=True)

    objects = RunSignalQuerySet.as_manager()

    class Meta:
        """Looked for by name, as long as it is not taken."""

        indexes: ClassVar = [
            models.Index(
                fields=["run", "name", "id"],
                name="signal_untaken",
                condition=Q(taken_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
