"""Seals: what the log was, hour by hour, so that a later change of it can be shown.

Floor 2. Append-only as the log itself. `actions/seals` says what is hashed and how.
"""

from datetime import datetime, timedelta

from django.db import models

# What every seal covers; others came later.
SOURCES = ("events", "lines", "audit")


class SealQuerySet(models.QuerySet["Seal"]):
    """Reads of the seals."""

    def newest(self) -> "Seal | None":
        """The seal of the latest hour."""
        return self.order_by("-hour").first()

    def before(self, hour: datetime) -> "Seal | None":
        """The last one of an earlier hour."""
        return self.filter(hour__lt=hour).order_by("-hour").first()

    def covering(self, source: str) -> "SealQuerySet":
        """Those that cover a source that came later."""
        return self.filter(more_counts__has_key=source)

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
    # How many rows it covers of each source that came later; none in seals made before.
    more_counts = models.JSONField(default=dict, db_default={})
    previous_digest = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    objects = SealQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"

    @property
    def row_count(self) -> int:
        """How many rows it covers."""
        more: int = sum(self.more_counts.values())
        return self.event_count + self.line_count + self.audit_count + more

    def covers(self, source: str) -> bool:
        """Whether it is of the rows of that source too."""
        return source in SOURCES or source in self.more_counts


class SealLeaf(models.Model):
    """The rows that one execution has of one kind in one hour: for each its key and its digest.

    Those of a run stand under its id; the audit log has one leaf an hour, under the id of zeros.
    """

    pk = models.CompositePrimaryKey("hour", "source", "execution_id")
    hour = models.DateTimeField()
    source = models.CharField(max_length=10)
    execution_id = models.UUIDField()
    entries = models.BinaryField()

    objects = SealLeafQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.source} of {self.execution_id}"
