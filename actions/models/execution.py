"""Executions: the table that is also the queue.

Floor 2.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest, Now

from actions import ids
from actions.filters import ExecutionFilters
from actions.models.catalogue import Action, ActionVersion
from actions.models.idempotency import IdempotencyRecord
from actions.models.lone import lone
from actions.models.patterns import regex_of
from actions.states import DUE, TERMINAL, ExecutionStatus

COUNT_CAP = 10_000


class ExecutionQuerySet(models.QuerySet["Execution"]):
    """Reads of the executions. Newest first means by id, whose order is the order of making."""

    def with_version(self) -> "ExecutionQuerySet":
        """Together with the definition that each runs."""
        return self.select_related("version")

    def for_answer(self) -> "ExecutionQuerySet":
        """With all that an answer shows: the version, and when the key of this one expires."""
        own_key = IdempotencyRecord.objects.of_execution(OuterRef("id")).values("expires_at")
        read_into_row: dict[str, Any] = {"key_expires_at": Subquery(own_key[:1])}
        return self.with_version().annotate(**read_into_row)

    def with_id(self, identity: UUID) -> "Execution | None":
        """The execution of that id."""
        return lone(self.filter(id=identity))

    def ended_among(self, identities: Collection[UUID]) -> list[UUID]:
        """Which of these have ended."""
        ended = self.filter(id__in=identities, status__in=TERMINAL)
        return list(ended.values_list("id", flat=True))

    def matching(self, filters: ExecutionFilters) -> "ExecutionQuerySet":
        """Those that a list with these filters shows."""
        exact = {
            "status__in": filters.status,
            "action_name__in": filters.action,
            "error_code__in": filters.error_code,
            "idempotency_key": filters.key,
            "actor_label": filters.actor,
            "rerun_of": filters.rerun_of,
            "id__gte": filters.since and _first_id_of(filters.since),
            "id__lt": filters.until and _first_id_of(filters.until),
        }
        found = self.filter(**{lookup: value for lookup, value in exact.items() if value})
        return found.mentioning(filters.q) if filters.q else found

    def mentioning(self, text: str) -> "ExecutionQuerySet":
        """Those that the text names: by id, key, action, error code or exact value of a param."""
        if text.startswith(f"{ids.PREFIX_EXECUTION}_"):
            try:
                return self.filter(id=ids.parse(ids.PREFIX_EXECUTION, text))
            except ValueError:
                return self.none()
        return self.filter(
            Q(terms__contains=[text])
            | Q(idempotency_key=text)
            | Q(action_name=text)
            | Q(error_code=text)
        )

    def named_like(self, patterns: tuple[str, ...]) -> "ExecutionQuerySet":
        """Those of actions whose name fits one of the shell patterns; all if there is none."""
        if not patterns:
            return self
        return self.filter(action_name__regex=regex_of(patterns))

    def page(
        self, *, limit: int, before: UUID | None = None, after: UUID | None = None
    ) -> list["Execution"]:
        """Up to `limit` rows, newest first: older than `before`, or the next newer than `after`."""
        if after is not None:
            newer = self.filter(id__gt=after).order_by("id")[:limit]
            return list(reversed(newer))
        older = self if before is None else self.filter(id__lt=before)
        return list(older.order_by("-id")[:limit])

    def locked(self, identity: UUID) -> "Execution | None":
        """The execution of that id, locked until the caller's transaction ends."""
        return (
            self.select_for_update(of=["self"])
            .select_related("action__current", "version")
            .filter(id=identity)
            .first()
        )

    def held_by(self, worker_id: int) -> "ExecutionQuerySet":
        """Those that a worker has claimed and not settled."""
        return self.filter(worker_id=worker_id, status=ExecutionStatus.RUNNING)

    def fenced(self, worker_id: int, attempts: dict[UUID, int]) -> set[UUID]:
        """Which of these attempts the worker still holds; locked until the transaction ends."""
        rows = (
            self.held_by(worker_id)
            .filter(id__in=attempts)
            .select_for_update(no_key=True)
            .values_list("id", "attempt_count")
        )
        return {identity for identity, attempt in rows if attempts[identity] == attempt}

    def to_stop(self, worker_id: int) -> "ExecutionQuerySet":
        """Those that a worker runs and somebody has asked to cancel."""
        return self.held_by(worker_id).filter(cancel_requested_at__isnull=False)

    def wait_until(self, moment: datetime) -> None:
        """Note that somebody waits for the outcome, keeping a longer wait than this one."""
        self.update(waited_until=Greatest(F("waited_until"), moment))

    def find(self, identity: UUID) -> "Execution | None":
        """The execution of that id with its version, its action and what it grew from."""
        related = ("version", "action__current", "rerun_of", "retry_of")
        return self.select_related(*related).filter(id=identity).first()

    def newest_of_each_action(self) -> "ExecutionQuerySet":
        """The newest execution of every action in the catalogue, with its version."""
        own = self.filter(action_name=OuterRef("name")).order_by("-id").values("id")[:1]
        newest = Action.objects.annotate(newest=Subquery(own)).values("newest")
        return self.with_version().filter(id__in=newest)

    def reruns_of(self, identity: UUID, *, limit: int = 20) -> list["Execution"]:
        """The newest executions that people started again from the one of that id."""
        return list(self.filter(rerun_of=identity).order_by("-id")[:limit])

    def ahead_of(self, execution: "Execution") -> "ExecutionQuerySet":
        """Those that are due in the same queue and will be claimed before this one."""
        return self.filter(status__in=DUE, queue=execution.queue, run_at__lte=Now()).filter(
            Q(priority__gt=execution.priority)
            | Q(priority=execution.priority, run_at__lt=execution.run_at)
        )

    def among(self, identities: Sequence[UUID]) -> "ExecutionQuerySet":
        """Those with these ids, newest first."""
        return self.filter(id__in=identities).order_by("-id")

    def newer_than(self, identity: UUID) -> "ExecutionQuerySet":
        """Those that were accepted after the one of that id."""
        return self.filter(id__gt=identity)

    def capped_count(self, cap: int = COUNT_CAP) -> int:
        """How many there are, counting no further than `cap` + 1."""
        return self.order_by()[: cap + 1].count()

    def capped_tally(self, column: str, cap: int = COUNT_CAP) -> list[tuple[str, int]]:
        """Counts by a column's value among the newest `cap` rows, the commonest first."""
        newest = self.order_by("-id").values("id")[:cap]
        counted = Execution.objects.filter(id__in=newest).order_by()
        rows = counted.values_list(column).annotate(count=models.Count("id")).order_by("-count")
        return [(value, count) for value, count in rows if value]


def _first_id_of(moment: datetime) -> UUID:
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80)


def _now_field() -> "models.DateTimeField[datetime, datetime]":
    return models.DateTimeField(db_default=Now())


class Execution(models.Model):
    """One accepted request to run one action, moving along `states.MOVES`."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    # No constraint on these two: its check would lock one hot row of the catalogue at every
    # insert, and neither actions nor versions are ever deleted.
    action = models.ForeignKey(
        Action, on_delete=models.PROTECT, related_name="executions", db_constraint=False
    )
    version = models.ForeignKey(
        ActionVersion, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    action_name = models.CharField(max_length=100)
    status = models.CharField(max_length=20)
    queue = models.CharField(max_length=63)
    priority = models.SmallIntegerField(default=0)
    run_at = _now_field()
    attempt_count = models.PositiveIntegerField(default=0)
    # Which lane of a worker takes it: many at a time, or one by one.
    is_concurrent = models.BooleanField(default=False)
    max_attempts = models.PositiveIntegerField()
    crash_count = models.PositiveIntegerField(default=0)
    worker_id = models.BigIntegerField(null=True)

    params = models.JSONField()
    result = models.JSONField(null=True)
    # Of the last attempt that failed; kept while it is retrying, gone once it has succeeded.
    error = models.JSONField(null=True)
    error_code = models.CharField(max_length=100, blank=True)
    metadata = models.JSONField(default=dict)
    # Leaf values of the params as text, for exact search; never one that is secret.
    terms = ArrayField(models.CharField(max_length=64), default=list)

    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001  # no key is not ""
    key_generation = models.PositiveIntegerField(default=0)
    replay_count = models.PositiveIntegerField(default=0)
    # What the action passes on to the services it calls; the same for every attempt.
    downstream_key = models.CharField(max_length=255)

    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=200)
    request_id = models.CharField(max_length=100, blank=True)
    trace_id = models.CharField(max_length=64, blank=True)
    retry_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="retries"
    )
    rerun_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reruns")

    queued_at = _now_field()
    first_started_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    # A caller waits for the outcome until then; settle notifies only while one does.
    waited_until = models.DateTimeField(null=True)
    # The last event's number, and a number that rises with every change of this row.
    event_count = models.PositiveIntegerField(default=0)
    revision = models.PositiveBigIntegerField(default=1)

    # When its key is free again; known where `for_answer` has read it.
    key_expires_at: datetime | None = None

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        """The first index is the queue; the others are the lists that people filter."""

        indexes: ClassVar = [
            models.Index(
                F("priority").desc(),
                "run_at",
                "id",
                name="execution_due",
                condition=Q(status__in=sorted(map(str, DUE)), is_concurrent=False),
            ),
            models.Index(
                F("priority").desc(),
                "run_at",
                "id",
                name="execution_due_concurrent",
                condition=Q(status__in=sorted(map(str, DUE)), is_concurrent=True),
            ),
            models.Index(
                fields=["worker_id"], name="execution_held", condition=Q(status="running")
            ),
            models.Index(fields=["status", "-id"], name="execution_by_status"),
            models.Index(fields=["action_name", "-id"], name="execution_by_action"),
            models.Index(
                fields=["error_code", "-id"],
                name="execution_by_error",
                condition=~Q(error_code=""),
            ),
            models.Index(
                fields=["idempotency_key"],
                name="execution_by_key",
                condition=Q(idempotency_key__isnull=False),
            ),
            GinIndex(fields=["terms"], name="execution_by_term"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="execution_status_is_known",
                condition=Q(status__in=[str(status) for status in ExecutionStatus]),
            ),
            models.CheckConstraint(
                name="execution_is_held_exactly_while_running",
                condition=Q(status="running", worker_id__isnull=False)
                | (~Q(status="running") & Q(worker_id__isnull=True)),
            ),
            models.CheckConstraint(
                name="execution_is_finished_exactly_when_terminal",
                condition=Q(status__in=sorted(map(str, TERMINAL)), finished_at__isnull=False)
                | (~Q(status__in=sorted(map(str, TERMINAL))) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="execution_that_failed_has_an_error",
                condition=~Q(status="failed") | Q(error__isnull=False),
            ),
            models.CheckConstraint(
                name="execution_attempts_stay_within_their_limit",
                condition=Q(attempt_count__lte=F("max_attempts")),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_id

    @property
    def shown_id(self) -> str:
        """The id as people and programs see it."""
        return ids.show(ids.PREFIX_EXECUTION, self.id)

    @property
    def began_at(self) -> datetime:
        """When the latest attempt began; the acceptance as long as none has."""
        return self.started_at or self.queued_at

    @property
    def age(self) -> timedelta:
        """From the first attempt's beginning to the latest one's."""
        return self.began_at - (self.first_started_at or self.began_at)

    @property
    def is_terminal(self) -> bool:
        """Whether no attempt will follow."""
        return self.status in TERMINAL
