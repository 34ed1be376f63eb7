"""Workers: the processes that execute.

Floor 2.
"""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class WorkerState(models.TextChoices):
    """Whether a worker may hold executions."""

    ALIVE = "alive"
    STOPPING = "stopping"  # finishes what it has, takes nothing new
    STOPPED = "stopped"  # left by itself, holding nothing
    DEAD = "dead"  # silent for longer than its lease; others have taken what it held


class WorkerQuerySet(models.QuerySet["Worker"]):
    """Reads of the workers."""

    def holding(self) -> "WorkerQuerySet":
        """Those that may hold executions."""
        return self.filter(state__in=[WorkerState.ALIVE, WorkerState.STOPPING])

    def silent(self) -> "WorkerQuerySet":
        """Those whose lease is over by the database's clock."""
        return self.holding().filter(lease_until__lt=Now())

    def within_lease(self) -> "WorkerQuerySet":
        """Those that take work and have been heard of within their lease."""
        return self.filter(state=WorkerState.ALIVE, lease_until__gte=Now())

    def idle_for(self, length: timedelta, *, is_concurrent: bool) -> "WorkerQuerySet":
        """Those that live, and have said all the while that this lane of theirs is idle."""
        since = "loop_idle_since" if is_concurrent else "idle_since"
        return self.within_lease().filter(**{f"{since}__lt": Now() - length})

    def known(self) -> "WorkerQuerySet":
        """The living, and the others of the last day; the newest first."""
        return self.filter(
            Q(state__in=[WorkerState.ALIVE, WorkerState.STOPPING])
            | Q(heartbeat_at__gte=Now() - timedelta(days=1))
        ).order_by(F("id").desc())

    def ended(self, *, within: timedelta | None = None) -> "WorkerQuerySet":
        """Those that have left or died, within that time if one is given; the newest first."""
        ended = self.exclude(state__in=[WorkerState.ALIVE, WorkerState.STOPPING])
        recent = ended.filter(heartbeat_at__gte=Now() - within) if within else ended
        return recent.order_by(F("id").desc())


class Worker(models.Model):
    """One worker process of a cluster; its lease covers everything that it holds."""

    host = models.CharField(max_length=200)
    pid = models.IntegerField()
    label = models.CharField(max_length=250)
    build = models.CharField(max_length=100, blank=True)
    # The queues it serves; empty means all.
    queues = ArrayField(models.CharField(max_length=63), default=list)
    # The actions whose code it has.
    actions = ArrayField(models.CharField(max_length=100), default=list, db_default=[])
    # Those of them that are coroutines; null where a build before this column has registered.
    coroutines = ArrayField(models.CharField(max_length=100), null=True)
    state = models.CharField(max_length=20, default=WorkerState.ALIVE)
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField()
    # Set while it waits for work: a submitter notifies one that has it.
    idle_since = models.DateTimeField(null=True)
    # The same for its other lane, which runs many executions at a time.
    loop_idle_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What its supervisor knows of its end; empty where nobody was there to see it.
    end_reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Its database session, so that whoever reaps it can end what it left open.
    backend_pid = models.IntegerField()
    backend_started_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        """Few rows are alive at once; the index finds them among the many that are not."""

        indexes: ClassVar = [
            models.Index(
                fields=["lease_until"],
                name="worker_holding",
                condition=Q(state__in=["alive", "stopping"]),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def actions_of_lane(self, *, is_concurrent: bool) -> list[str]:
        """The actions that this lane of it runs: coroutines, or all the others."""
        if self.coroutines is None:
            return self.actions
        return [one for one in self.actions if (one in self.coroutines) == is_concurrent]
