"""Seals: what the log was, hour by hour, so that a later change of it can be shown.

Floor 2. Append-only as the log itself. `actions/seals` says what is hashed and how.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

SOURCES = ("events", "lines", "audit")


class SealQuerySet(models.QuerySet["Seal"]):
    """Reads of the seals."""

    def newest(self) -> "Seal | None":
        """The seal of the latest hour."""
        return self.order_by("-hour").first()

    def before(self, hour: datetime) -> "Seal | None":
        """The last one of an earlier hour."""
        return self.filter(hour__lt=hour).order_by("-hour").first()

    def since(self, moment: datetime | None) -> "SealQuerySet":
        """Those of the hour of that moment and later ones, in order; all if none is given."""
        later = self if moment is None else self.filter(hour__gt=moment - timedelta(hours=1))
        return later.order_by("hour")


class SealLeafQuerySet(models.QuerySet["SealLeaf"]):
    """Reads of the leaves."""

    def first_hour_after(self, hour: datetime | None) -> datetime | None:
        """The first hour later than that one, or at all, that has leaves."""
        later = self if hour is None else self.filter(hour__gt=hour)
        return later.order_by("hour").values_list("hour", flat=True).first()


class Seal(models.Model):
    """All that was stored in one hour, as one digest that builds on the hour before.

    The first has no previous digest, and covers all that was stored before its hour too.
    """

    hour = models.DateTimeField(primary_key=True)
    event_count = models.BigIntegerField()
    line_count = models.BigIntegerField()
    audit_count = models.BigIntegerField()
    previous_digest = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    objects = SealQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"


class SealLeaf(models.Model):
    """The rows that one execution has of one kind in one hour: for each its key and its digest.

    The audit log has one leaf an hour, under the id of zeros.
    """

    pk = models.CompositePrimaryKey("hour", "source", "execution_id")
    hour = models.DateTimeField()
    source = models.CharField(max_length=10, choices=[(one, one) for one in SOURCES])
    execution_id = models.UUIDField()
    entries = models.BinaryField()

    objects = SealLeafQuerySet.as_manager()

    class Meta:
        """A leaf belongs to one source."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="seal_leaf_is_of_a_known_source", condition=models.Q(source__in=SOURCES)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} of {self.execution_id}"
