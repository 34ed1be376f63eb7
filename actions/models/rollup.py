"""Roll-ups: what began and ended in each minute, hour and day, so that no page counts history.

Floor 2. `actions/rollups` says what is counted, and writes it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from actions import durations


class Kind(models.TextChoices):
    """What is counted: the executions of an action, or the runs of a workflow."""

    ACTION = "action"
    WORKFLOW = "workflow"


class Unit(models.TextChoices):
    """How long a bucket is; hours and days are those of UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """What several rows come to.

    `attempts` are those of what has ended. Durations are in seconds, from the first attempt's
    beginning to the end; `slots` counts them as `actions.durations` says.
    """

    accepted: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    attempts: int = 0
    seconds: float = 0.0
    shortest: float | None = None
    longest: float | None = None
    slots: tuple[int, ...] = field(default=(0,) * durations.SLOT_COUNT)

    @classmethod
    def of(cls, rows: "Iterable[RollUp]") -> "Totals":
        """The sum of these rows."""
        kept = list(rows)
        shortest = [row.shortest for row in kept if row.shortest is not None]
        longest = [row.longest for row in kept if row.longest is not None]
        return cls(
            accepted=sum(row.accepted for row in kept),
            succeeded=sum(row.succeeded for row in kept),
            failed=sum(row.failed for row in kept),
            cancelled=sum(row.cancelled for row in kept),
            attempts=sum(row.attempts for row in kept),
            seconds=sum(row.seconds for row in kept),
            shortest=min(shortest, default=None),
            longest=max(longest, default=None),
            slots=tuple(map(sum, zip(*(row.slots for row in kept), strict=True)))
            or (0,) * durations.SLOT_COUNT,
        )

    @property
    def ended(self) -> int:
        """How many have ended, well or not."""
        return self.succeeded + self.failed + self.cancelled

    @property
    def mean_seconds(self) -> float | None:
        """How long one took on average; None if none was timed."""
        timed = sum(self.slots)
        return self.seconds / timed if timed else None

    def quantile(self, fraction: float) -> float | None:
        """An estimate of the duration below which that fraction lies; see `actions.durations`."""
        if self.shortest is None or self.longest is None:
            return None
        return durations.quantile(
            self.slots, fraction, shortest=self.shortest, longest=self.longest
        )


class RollUpQuerySet(models.QuerySet["RollUp"]):
    """Reads of the roll-ups. They reach up to `RollUpMark.until`."""

    def of(self, kind: Kind, *, unit: Unit, since: datetime) -> "RollUpQuerySet":
        """The buckets of one kind and length that begin at that moment or later."""
        return self.filter(kind=kind, unit=unit, bucket__gte=since)

    def named(self, names: Collection[str]) -> "RollUpQuerySet":
        """Those of these actions or workflows."""
        return self.filter(name__in=names)

    def over_time(self) -> list[tuple[datetime, Totals]]:
        """What there is for each bucket, over all names, the oldest first; none where nothing was."""
        rows = self.order_by("bucket")
        return [(when, Totals.of(some)) for when, some in groupby(rows, lambda row: row.bucket)]

    def by_name(self) -> dict[str, Totals]:
        """What there is for each action or workflow, over all buckets."""
        rows = self.order_by("name")
        return {name: Totals.of(some) for name, some in groupby(rows, lambda row: row.name)}


class RollUp(models.Model):
    """What became of one action or workflow in one bucket.

    Counted are acceptances and ends by the moment that the log has for them. A run that is tried
    again after its end ends once more. What never began has an end and no duration.
    """

    pk = models.CompositePrimaryKey("unit", "kind", "name", "bucket")
    unit = models.CharField(max_length=6, choices=Unit.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=100)
    bucket = models.DateTimeField()
    accepted = models.BigIntegerField()
    succeeded = models.BigIntegerField()
    failed = models.BigIntegerField()
    cancelled = models.BigIntegerField()
    attempts = models.BigIntegerField()
    seconds = models.FloatField()
    shortest = models.FloatField(null=True)
    longest = models.FloatField(null=True)
    slots = ArrayField(models.BigIntegerField(), size=durations.SLOT_COUNT)

    objects = RollUpQuerySet.as_manager()

    class Meta:
        """By name, and for all names by time."""

        indexes: ClassVar = [models.Index(fields=["unit", "bucket"], name="rollup_by_moment")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, {self.unit} of {self.bucket:%Y-%m-%d %H:%M}"


class RollUpMarkQuerySet(models.QuerySet["RollUpMark"]):
    """The only read of the mark."""

    def until(self) -> datetime | None:
        """All that the log has before that moment is rolled up; None if nothing is yet."""
        return self.values_list("until", flat=True).first()


class RollUpMark(models.Model):
    """How far the roll-ups reach: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField()

    objects = RollUpMarkQuerySet.as_manager()

    class Meta:
        """There is one."""

        constraints: ClassVar = [
            models.CheckConstraint(name="rollup_mark_is_alone", condition=models.Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d %H:%M}"
