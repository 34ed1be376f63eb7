"""Bulk re-runs: which runs were chosen, and what has become of each.

Floor 2.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

from actions import ids
from actions.models.lone import lone
from workflows.models.run import Run
from workflows.models.workflow import Workflow

_PROGRESS = """
SELECT chosen.bulk_id,
    count(*) FILTER (WHERE chosen.taken_at IS NULL) AS left_over,
    count(*) FILTER (WHERE chosen.taken_at IS NOT NULL AND chosen.new_run_id IS NULL) AS skipped,
    count(*) FILTER (WHERE chosen.new_run_id IS NOT NULL AND run.finished_at IS NULL) AS going_on,
    count(*) FILTER (WHERE run.status = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE run.status = 'failed') AS failed,
    count(*) FILTER (WHERE run.status = 'cancelled') AS cancelled
FROM workflows_bulkrerunentry AS chosen
LEFT JOIN workflows_run AS run ON run.id = chosen.new_run_id
WHERE chosen.bulk_id = ANY(%s::uuid[]) GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How many of the chosen runs stand how: not begun, skipped, or by how their re-run stands."""

    left_over: int = 0
    skipped: int = 0
    going_on: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def started(self) -> int:
        """How many new runs there are."""
        return self.going_on + self.succeeded + self.failed + self.cancelled


class BulkRerunQuerySet(models.QuerySet["BulkRerun"]):
    """Reads of the bulk re-runs."""

    def named_like(self, patterns: tuple[str, ...]) -> "BulkRerunQuerySet":
        """Those of which every workflow fits one of the shell patterns; all if there is none."""
        if not patterns:
            return self
        names = Workflow.objects.named_like(patterns).values_list("name", flat=True)
        return self.filter(workflow_names__contained_by=list(names))

    def with_id(self, identity: UUID) -> "BulkRerun | None":
        """The one of that id."""
        return lone(self.filter(id=identity))

    def with_key(self, key: str) -> "BulkRerun | None":
        """The one that was asked for with that idempotency key."""
        return lone(self.filter(idempotency_key=key))

    def locked(self, identity: UUID) -> "BulkRerun | None":
        """The same, locked until the caller's transaction ends, with the moment of asking."""
        read_into_row: dict[str, Any] = {"locked_at": Now()}
        locked = self.select_for_update().annotate(**read_into_row)
        return locked.filter(id=identity).first()

    def page(self, *, limit: int, before: UUID | None = None) -> list["BulkRerun"]:
        """Up to `limit`, the newest first, older than `before`."""
        older = self if before is None else self.filter(id__lt=before)
        return list(older.order_by("-id")[:limit])


class BulkRerun(models.Model):
    """A request to run many ended runs again, and how it was meant.

    `filters` are those that chose the runs, with the moment up to which; `asked` is what a repeat
    with the same key must be equal to.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    filters = models.JSONField()
    what = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    spacing_seconds = models.FloatField()
    workflow_names = ArrayField(models.CharField(max_length=100))
    run_count = models.PositiveIntegerField()

    asked = models.JSONField()
    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001  # no key is not ""
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=200)
    request_id = models.CharField(max_length=100, blank=True)
    trace_id = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    # When nothing was left to begin; the new runs may go on.
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=200, blank=True)
    # The engine's own execution that goes on with it.
    execution_id = models.UUIDField(null=True)

    # The database's clock; known where `locked` has read it.
    locked_at: datetime | None = None

    objects = BulkRerunQuerySet.as_manager()

    class Meta:
        """One for a key; whoever has stopped has finished."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["idempotency_key"],
                name="bulk_rerun_key_is_used_once",
                condition=Q(idempotency_key__isnull=False),
            ),
            models.CheckConstraint(
                name="bulk_rerun_that_was_stopped_has_finished",
                condition=Q(stopped_at__isnull=True) | Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_id

    @property
    def shown_id(self) -> str:
        """The id as people and programs see it."""
        return ids.show(ids.PREFIX_BULK, self.id)

    @property
    def status(self) -> str:
        """`running` while runs are left to begin; then `finished`, or `stopped` before the end."""
        if self.finished_at is None:
            return "running"
        return "finished" if self.stopped_at is None else "stopped"


class BulkRerunEntryQuerySet(models.QuerySet["BulkRerunEntry"]):
    """Reads of the chosen runs."""

    def of(self, bulk_id: UUID) -> "BulkRerunEntryQuerySet":
        """Those of one bulk re-run, in order."""
        return self.filter(bulk_id=bulk_id).order_by("position")

    def left_over(self, *, limit: int) -> list["BulkRerunEntry"]:
        """Up to `limit` that have not been begun or skipped."""
        return list(self.filter(taken_at__isnull=True)[:limit])

    def page(self, *, after: int, limit: int) -> list["BulkRerunEntry"]:
        """Up to `limit` from the one that follows that position, each with how its re-run stands."""
        new = Run.objects.filter(id=models.OuterRef("new_run_id")).values("status")
        read_into_row: dict[str, Any] = {"new_status": models.Subquery(new[:1])}
        return list(self.filter(position__gt=after).annotate(**read_into_row)[:limit])

    def progress_of(self, bulk_ids: Collection[UUID]) -> dict[UUID, Progress]:
        """How far these have come."""
        names = ("left_over", "skipped", "going_on", "succeeded", "failed", "cancelled")
        with connection.cursor() as cursor:
            cursor.execute(_PROGRESS, [list(bulk_ids)])
            rows = cursor.fetchall()
        return {row[0]: Progress(**dict(zip(names, row[1:], strict=True))) for row in rows}


class BulkRerunEntry(models.Model):
    """One run that was chosen: not begun yet, run again as `new_run_id`, or skipped, and why."""

    pk = models.CompositePrimaryKey("bulk_id", "position")
    bulk = models.ForeignKey(
        BulkRerun, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    position = models.PositiveIntegerField()
    run_id = models.UUIDField()
    taken_at = models.DateTimeField(null=True)
    new_run_id = models.UUIDField(null=True)
    why = models.CharField(max_length=500, blank=True)

    # How its re-run stands; known where `page` has read it.
    new_status: str | None = None

    objects = BulkRerunEntryQuerySet.as_manager()

    class Meta:
        """Those that are left over are found in order."""

        indexes: ClassVar = [
            models.Index(
                fields=["bulk", "position"],
                name="bulk_rerun_left_over",
                condition=Q(taken_at__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="bulk_rerun_entry_is_begun_or_skipped_once_it_is_taken",
                condition=Q(taken_at__isnull=True, new_run_id__isnull=True, why="")
                | Q(taken_at__isnull=False, new_run_id__isnull=False, why="")
                | (Q(taken_at__isnull=False, new_run_id__isnull=True) & ~Q(why="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shown_run_id}, {self.position}"

    @property
    def shown_run_id(self) -> str:
        """The run that was chosen, as people see it."""
        return ids.show(ids.PREFIX_RUN, self.run_id)

    @property
    def shown_new_run_id(self) -> str:
        """Its re-run; empty if there is none."""
        return ids.show(ids.PREFIX_RUN, self.new_run_id) if self.new_run_id else ""

    @property
    def status(self) -> str:
        """`left_over`, `skipped`, or how its re-run stands."""
        if self.taken_at is None:
            return "left_over"
        return self.new_status or ("skipped" if self.new_run_id is None else "started")
