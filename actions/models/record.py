"""The record of an execution: its attempts, its events and the lines its code wrote.

Floor 2. Events and lines are append-only: a trigger refuses every change. They are partitioned
by month of the execution's time-ordered id (decided in docs/adr/0002), so they carry no foreign
key: retention drops whole partitions. Attempts carry none either, since its check would lock the
execution's row once more for every attempt; `manage.py fsck` looks for orphans instead.
"""

import json
from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import BrinIndex
from django.db import connection, models
from django.db.models.functions import Now

from actions.models.lone import lone
from actions.states import AttemptOutcome


def _execution_key(name: str) -> "models.ForeignKey[models.Model, models.Model]":
    # The primary keys begin with it, so it needs no index of its own.
    return models.ForeignKey(
        "Execution",
        on_delete=models.DO_NOTHING,
        related_name=name,
        db_constraint=False,
        db_index=False,
    )


_SHOWN = (
    "execution_id", "seq", "type", "at", "actor_kind", "actor_id", "actor_label", "attempt",
    "worker_label", "request_id", "data",
)  # fmt: skip
_SINCE = """
SELECT event.execution_id, event.seq, type, at, actor_kind, actor_id, actor_label, attempt,
    worker_label, request_id, data
FROM unnest(%s::uuid[], %s::int[]) AS known (id, seq)
JOIN actions_executionevent AS event
  ON event.execution_id = known.id AND event.seq > known.seq
ORDER BY event.execution_id, event.seq LIMIT %s
"""


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Reads of the attempts."""

    def of(self, execution_id: UUID) -> "AttemptQuerySet":
        """Those of one execution, in order."""
        return self.filter(execution_id=execution_id).order_by("number")

    def numbered(self, execution_id: UUID, number: int) -> "Attempt | None":
        """One of them."""
        return self.filter(execution_id=execution_id, number=number).first()

    def by_worker(self, label: str) -> "models.QuerySet[Attempt, UUID]":
        """The ids of the executions that a worker of that label has tried."""
        return self.filter(worker_label=label).values_list("execution_id", flat=True)


class ExecutionEventQuerySet(models.QuerySet["ExecutionEvent"]):
    """Reads of the log."""

    def of(self, execution_id: UUID) -> "ExecutionEventQuerySet":
        """Those of one execution, in order."""
        return self.filter(execution_id=execution_id).order_by("seq")

    def page(self, *, after: int, limit: int) -> list["ExecutionEvent"]:
        """Up to `limit` of them, from the one that follows the number `after`."""
        return list(self.filter(seq__gt=after)[:limit])

    def since(self, seen: Mapping[UUID, int], *, limit: int) -> list["ExecutionEvent"]:
        """Up to `limit` events of several executions, of each those that follow a number."""
        with connection.cursor() as cursor:
            cursor.execute(_SINCE, [list(seen), list(seen.values()), limit])
            rows = cursor.fetchall()
        named = (dict(zip(_SHOWN, row, strict=True)) for row in rows)
        return [ExecutionEvent(**values | {"data": json.loads(values["data"])}) for values in named]

    def numbered(self, execution_id: UUID, seq: int) -> "ExecutionEvent | None":
        """One of them."""
        return lone(self.filter(execution_id=execution_id, seq=seq))


class LogLineQuerySet(models.QuerySet["LogLine"]):
    """Reads of the lines that actions wrote."""

    def of(self, execution_id: UUID) -> "LogLineQuerySet":
        """Those of one execution, in order."""
        return self.filter(execution_id=execution_id).order_by("attempt", "number")


class Attempt(models.Model):
    """One try of an execution; it is there before the action's code runs."""

    pk = models.CompositePrimaryKey("execution_id", "number")
    execution = _execution_key("attempts")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    worker_id = models.BigIntegerField(null=True)
    worker_label = models.CharField(max_length=250, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = models.JSONField(null=True)
    # What the action reported last through ctx.heartbeat, if it did.
    progress = models.JSONField(null=True)
    # What was decided after it, in words, and the wait in seconds if there is a next one.
    decision = models.CharField(max_length=300, blank=True)
    delay_seconds = models.FloatField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        """An attempt is finished exactly when it has an outcome of its own."""

        indexes: ClassVar = [
            models.Index(fields=["worker_label", "-execution"], name="attempt_by_worker"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="attempt_is_finished_once_it_has_ended",
                condition=models.Q(outcome="running", finished_at__isnull=True)
                | (~models.Q(outcome="running") & models.Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"

    def is_ended_by(self, worker_id: int) -> bool:
        """Whether that worker has written its end itself, rather than having been reaped."""
        return self.worker_id == worker_id and self.outcome not in (
            AttemptOutcome.RUNNING,
            AttemptOutcome.LOST,
        )


class ExecutionEvent(models.Model):
    """One fact about an execution, written in the transaction that made it true."""

    pk = models.CompositePrimaryKey("execution_id", "seq")
    execution = _execution_key("events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=20, blank=True)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=250, blank=True)
    attempt = models.PositiveIntegerField(null=True)
    worker_label = models.CharField(max_length=250, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    data = models.JSONField(default=dict)

    objects = ExecutionEventQuerySet.as_manager()

    class Meta:
        """Rows come in the order of time, so this index costs next to nothing."""

        indexes: ClassVar = [
            BrinIndex(fields=["at"], name="event_by_moment", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class LogLine(models.Model):
    """One line that an action's code wrote through `ctx.log`."""

    pk = models.CompositePrimaryKey("execution_id", "attempt", "number")
    execution = _execution_key("log_lines")
    attempt = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=10)
    message = models.TextField()
    fields = models.JSONField(default=dict)
    # The database's clock; a line is stored some time after it was written.
    stored_at = models.DateTimeField(db_default=Now())

    objects = LogLineQuerySet.as_manager()

    class Meta:
        """Rows come in the order of time, so this index costs next to nothing."""

        indexes: ClassVar = [
            BrinIndex(fields=["stored_at"], name="line_by_moment", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.message
