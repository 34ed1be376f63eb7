"""The row of one execution: its columns, its constraints, its place in the queue.

Floor 2.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from actions import ids
from actions.models.catalogue import Action, ActionVersion
from actions.models.execution.reads import LOSSES_OF_A_SUSPECT, ExecutionQuerySet
from actions.models.execution.words import ERROR_WORDS, HAS_ERROR
from actions.states import DUE, TERMINAL, ExecutionStatus


def _now_field() -> "models.DateTimeField[datetime, datetime]":
    return models.DateTimeField(db_default=Now())


_IS_DUE = Q(status__in=sorted(map(str, DUE)))


class Execution(models.Model):
    """One accepted request to run one action, moving along `states.MOVES`."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    # No constraint on these two: its check would lock one hot row of the catalogue at every
    # insert, and neither actions nor versions are ever deleted. Lists go by the action's name.
    action = models.ForeignKey(
        Action,
        on_delete=models.PROTECT,
        related_name="executions",
        db_constraint=False,
        db_index=False,
    )
    version = models.ForeignKey(
        ActionVersion,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    action_name = models.CharField(max_length=100)
    status = models.CharField(max_length=20)
    queue = models.CharField(max_length=63)
    priority = models.SmallIntegerField(default=0)
    run_at = _now_field()
    attempt_count = models.PositiveIntegerField(default=0)
    # Which lane of a worker takes it: many at a time, or one by one.
    is_concurrent = models.BooleanField(default=False)
    # Made of data, so that any worker can run it.
    is_declared = models.BooleanField(default=False, db_default=False)
    max_attempts = models.PositiveIntegerField()
    # How often a worker died while it held this one; the crashes are those that it died alone.
    loss_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    crash_count = models.PositiveIntegerField(default=0)
    # The names under which its attempts are limited, and the one that holds it up now.
    limits = ArrayField(models.CharField(max_length=255), default=list, db_default=[])
    blocked_on = models.CharField(max_length=255, blank=True, default="", db_default="")
    worker_id = models.BigIntegerField(null=True)

    params = models.JSONField()
    result = models.JSONField(null=True)
    # Of the last attempt that failed; kept while it is retrying, gone once it has succeeded.
    error = models.JSONField(null=True)
    error_code = models.CharField(max_length=100, blank=True)
    metadata = models.JSONField(default=dict)
    # What the masks in params and result stand for, sealed; null where they hide nothing.
    params_sealed = models.BinaryField(null=True)
    result_sealed = models.BinaryField(null=True)
    # `masking.search_terms` of the params, for exact search; never one that is secret.
    terms = ArrayField(models.CharField(max_length=64), default=list)

    # The step of a run whose execution it is. Runs live upstairs, so there is no constraint.
    run_id = models.UUIDField(null=True)
    step_id = models.UUIDField(null=True)
    # What the step says instead of the action: `retry`, a whole policy, and `timeout_seconds`.
    overrides = models.JSONField(null=True)

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
        "self", null=True, on_delete=models.PROTECT, related_name="retries", db_index=False
    )
    rerun_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reruns", db_index=False
    )

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
    # What its step is called; known where `api.rows` has read it.
    step_name: str | None = None
    # Whether it answers a command that was given before with the same key; the verb has looked.
    is_replay: bool = False

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        """The first three indexes are the queue; the others are the lists that people filter."""

        indexes: ClassVar = [
            models.Index(
                "is_concurrent",
                "queue",
                F("priority").desc(),
                "run_at",
                "id",
                name="execution_ready",
                condition=_IS_DUE & Q(blocked_on="", loss_count__lt=LOSSES_OF_A_SUSPECT),
            ),
            models.Index(
                "run_at",
                "id",
                name="execution_suspect",
                condition=_IS_DUE & Q(blocked_on="", loss_count__gte=LOSSES_OF_A_SUSPECT),
            ),
            models.Index(
                "blocked_on",
                F("priority").desc(),
                "run_at",
                "id",
                name="execution_blocked",
                condition=_IS_DUE & ~Q(blocked_on=""),
            ),
            models.Index(
                fields=["worker_id"], name="execution_held", condition=Q(status="running")
            ),
            models.Index(fields=["status", "-id"], name="execution_by_status"),
            models.Index(fields=["action_name", "-id"], name="execution_by_action"),
            models.Index(
                fields=["action_name", "-id"],
                name="execution_by_failed_action",
                condition=Q(status="failed"),
            ),
            models.Index(
                fields=["error_code", "-id"],
                name="execution_by_error",
                condition=HAS_ERROR,
            ),
            GinIndex(ERROR_WORDS, name="execution_by_error_words", condition=HAS_ERROR),
            models.Index(fields=["actor_label", "-id"], name="execution_by_actor"),
            # Most have neither, so these two are small.
            models.Index(
                fields=["retry_of"],
                name="execution_by_retried",
                condition=Q(retry_of__isnull=False),
            ),
            models.Index(
                fields=["rerun_of", "-id"],
                name="execution_by_rerun",
                condition=Q(rerun_of__isnull=False),
            ),
            models.Index(
                fields=["idempotency_key"],
                name="execution_by_key",
                condition=Q(idempotency_key__isnull=False),
            ),
            GinIndex(fields=["terms"], name="execution_by_term"),
            models.Index(
                fields=["run_id", "id"],
                name="execution_by_run",
                condition=Q(run_id__isnull=False),
            ),
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
    def shown_run_id(self) -> str:
        """The same of the run whose step it is; empty if it stands alone."""
        return ids.show(ids.PREFIX_RUN, self.run_id) if self.run_id else ""

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

    @property
    def has_ended(self) -> bool:
        """The same, in the word that runs have too."""
        return self.is_terminal
