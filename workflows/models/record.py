"""The log of a run: what happened to it and to its steps, append-only.

Floor 2. Partitioned by month of the run's time-ordered id, as the log of executions is.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Max
from django.db.models.functions import Now

from actions.models.lone import lone
from workflows.states import RunEventType


class RunEventQuerySet(models.QuerySet["RunEvent"]):
    """Reads of the log."""

    def of(self, run_id: UUID) -> "RunEventQuerySet":
        """The events of one run, in order."""
        return self.filter(run_id=run_id).order_by("seq")

    def opening_count(self, run_id: UUID) -> int:
        """How often a run that had ended was opened again, to try a step once more."""
        return self.filter(run_id=run_id, type=RunEventType.STEP_RETRIED).count()

    def opened_at(self, run_id: UUID) -> datetime | None:
        """When it was last opened again; None if it never was."""
        opened = self.filter(run_id=run_id, type=RunEventType.STEP_RETRIED)
        last: datetime | None = opened.aggregate(last=Max("at"))["last"]
        return last

    def page(self, *, after: int, limit: int) -> list["RunEvent"]:
        """Up to `limit` of them, from the one that follows the number `after`."""
        return list(self.filter(seq__gt=after)[:limit])

    def numbered(self, run_id: UUID, seq: int) -> "RunEvent | None":
        """One of them."""
        return lone(self.filter(run_id=run_id, seq=seq))


class RunEvent(models.Model):
    """One fact about a run, written in the transaction that made it true."""

    pk = models.CompositePrimaryKey("run_id", "seq")
    run = models.ForeignKey(
        "Run",
        on_delete=models.DO_NOTHING,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    at = models.DateTimeField(db_default=Now())
    # The step that it is about, with the number of its element; empty for the run itself.
    step = models.CharField(max_length=80, blank=True)
    actor_kind = models.CharField(max_length=20, blank=True)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=250, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    data = models.JSONField(default=dict)

    objects: ClassVar = RunEventQuerySet.as_manager()

    class Meta:
        """Rows come in the order of time, so this index costs next to nothing."""

        indexes: ClassVar = [
            BrinIndex(fields=["at"], name="run_event_by_moment", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"
