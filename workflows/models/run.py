"""The row of one run: one pass through one version of a workflow.

Floor 2.
"""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

from actions import ids
from actions.models.accepted import accepted_within
from actions.models.lone import lone
from workflows.filters import RunFilters
from workflows.models import family
from workflows.models.workflow import Workflow
from workflows.states import RUN_ENDED, RunStatus

_TREE = """
WITH RECURSIVE below AS (
    SELECT id FROM workflows_run WHERE parent_id = %s AND finished_at IS NULL
    UNION
    SELECT run.id FROM below JOIN workflows_run AS run ON run.parent_id = below.id
    WHERE run.finished_at IS NULL
)
SELECT id FROM below
"""


_ATTEMPT = """
WITH RECURSIVE chain AS (
    SELECT id, rerun_of_id FROM workflows_run WHERE id = %s
    UNION
    SELECT run.id, run.rerun_of_id FROM chain JOIN workflows_run AS run ON run.id = chain.rerun_of_id
)
SELECT count(*) FROM chain
"""
_NEWEST = """
SELECT newest.* FROM unnest(%s::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT * FROM workflows_run WHERE workflow_name = wanted.name ORDER BY id DESC LIMIT 1
) AS newest
"""


class RunQuerySet(models.QuerySet["Run"]):
    """Reads of the runs."""

    def tree_of(self, run_id: UUID) -> list[UUID]:
        """The sub-runs of a run that have not ended, at any depth."""
        with connection.cursor() as cursor:
            cursor.execute(_TREE, [run_id])
            return [identity for (identity,) in cursor.fetchall()]

    def called_before(self, run_id: UUID) -> dict[str, set[int]]:
        """What each step of a run has called, also in the runs that it repeats or that repeat it."""
        return family.called_before(run_id)

    def later_call(self, run_id: UUID, step: str) -> UUID | None:
        """The newest of those linked to a run by re-runs, and made after it, for which a step is done.

        One that has called something outside in that step, or that may yet: it goes on.
        """
        return family.later_call(run_id, step)

    def origins(self, run_id: UUID) -> dict[str, family.Origin]:
        """Where the results of the steps of a run come from: it, or one that it repeats."""
        return family.origins(run_id)

    def sub_runs(self, run_id: UUID) -> dict[str, set[UUID]]:
        """By the steps of a run the sub-runs that their results come from, those of elements too."""
        return family.sub_runs(run_id)

    def answered(self, tops: Collection[UUID]) -> list[family.Answered]:
        """The approvals that were answered in these runs, or below, in versions since replaced."""
        return family.answered(tops)

    def attempt_after(self, run_id: UUID | None) -> int:
        """Which attempt a re-run of that run is; without one it is the first."""
        if run_id is None:
            return 1
        with connection.cursor() as cursor:
            cursor.execute(_ATTEMPT, [run_id])
            return 1 + int(cursor.fetchone()[0])

    def with_version(self) -> "RunQuerySet":
        """With the version that they pass through, but for its document."""
        return self.select_related("version__workflow").defer("version__document")

    def by_id(self, run_id: UUID) -> "Run | None":
        """One of them, with its version, the run that it repeats and the one above it."""
        found = self.with_version().select_related("version__workflow", "rerun_of", "parent")
        return lone(found.filter(id=run_id))

    def ended_among(self, identities: Collection[UUID]) -> list[UUID]:
        """Which of these have ended."""
        ended = self.filter(id__in=identities, finished_at__isnull=False)
        return list(ended.values_list("id", flat=True))

    def named_like(self, patterns: tuple[str, ...]) -> "RunQuerySet":
        """Those of workflows whose name fits one of the shell patterns; all if there is none."""
        if not patterns:
            return self
        # Names, because no index serves a pattern.
        names = Workflow.objects.named_like(patterns).values_list("name", flat=True)
        return self.filter(workflow_name__in=list(names))

    def page(self, filters: RunFilters, *, limit: int, before: UUID | None = None) -> list["Run"]:
        """Up to `limit` that match, the newest first, older than `before`; no documents."""
        return list(self.matching(filters).older_than(before)[:limit])

    def newest(self) -> "RunQuerySet":
        """The newest first."""
        return self.with_version().order_by("-id")

    def matching(self, filters: RunFilters) -> "RunQuerySet":
        """Those that a list with these filters shows, the newest first."""
        exact = {
            "status__in": filters.status,
            "workflow_name__in": filters.workflow,
            "rerun_of": filters.rerun_of,
        }
        return self.newest().filter(
            **{lookup: value for lookup, value in exact.items() if value},
            **accepted_within(filters.since, filters.until),
        )

    def repeatable(self) -> "RunQuerySet":
        """Those that have ended and are no step of another run, the oldest first."""
        return self.filter(finished_at__isnull=False, parent__isnull=True).order_by("id")

    def older_than(self, run_id: UUID | None) -> "RunQuerySet":
        """Those that were accepted before that one; all for None."""
        return self if run_id is None else self.filter(id__lt=run_id)

    def newest_of(self, names: Collection[str]) -> dict[str, "Run"]:
        """The newest run of each of these workflows, by its name."""
        return {run.workflow_name: run for run in self.raw(_NEWEST, [list(names)])}

    def of_key(self, workflow: str, key: str) -> "RunQuerySet":
        """Those of a workflow and a concurrency key that have not ended, the first that came first.

        Without their params and whatever else may be large.
        """
        same = self.filter(workflow_name=workflow, concurrency_key=key, finished_at__isnull=True)
        return same.defer("params", "params_sealed", "metadata").order_by("id")

    def in_queue(self) -> "RunQuerySet":
        """Those that wait for a place."""
        return self.filter(status=RunStatus.QUEUED)

    def holding(self) -> "RunQuerySet":
        """Those that have a place."""
        return self.exclude(status=RunStatus.QUEUED)

    def reruns_of(self, run_id: UUID) -> "RunQuerySet":
        """Those that were made of it."""
        return self.filter(rerun_of_id=run_id).order_by("-id")

    def newest_rerun_of(self, run_id: UUID) -> UUID | None:
        """The last run that was made of it."""
        return self.reruns_of(run_id).values_list("id", flat=True).first()

    def standing_reruns_of(self, run_id: UUID) -> "RunQuerySet":
        """Those of them that go on or have succeeded."""
        return self.reruns_of(run_id).exclude(status__in=(RunStatus.FAILED, RunStatus.CANCELLED))


def _now_field() -> "models.DateTimeField[datetime, datetime]":
    return models.DateTimeField(db_default=Now())


class Run(models.Model):
    """One accepted request to run a workflow; `states.RunStatus` says where it stands."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    # No constraint, as with executions: versions are never deleted, and one row is hot.
    version = models.ForeignKey(
        "WorkflowVersion",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    workflow_name = models.CharField(max_length=100)
    status = models.CharField(max_length=20)
    # Why it does not go on, a word of `reasons`; when somebody looks again at the latest.
    reason = models.CharField(max_length=40, blank=True)
    wake_at = models.DateTimeField(null=True)

    # With the defaults of the schema; secrets are masked here and sealed beside it.
    params = models.JSONField()
    params_sealed = models.BinaryField(null=True)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    metadata = models.JSONField(default=dict)
    # A step has failed, and nothing new starts.
    is_stopping = models.BooleanField(default=False)

    # Which runs of the workflow share places with it, and how many there are; null without a key.
    concurrency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001  # no key is not ""
    concurrency_limit = models.PositiveIntegerField(null=True)

    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001  # no key is not ""
    key_generation = models.PositiveIntegerField(default=0)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=200)
    request_id = models.CharField(max_length=100, blank=True)
    trace_id = models.CharField(max_length=64, blank=True)
    rerun_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reruns", db_index=False
    )
    # What was asked of a re-run: what, from which step, and the reason.
    rerun = models.JSONField(null=True)
    # The run, and the step of it, whose sub-run this is.
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
    parent_step_id = models.UUIDField(null=True)

    queued_at = _now_field()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    waited_until = models.DateTimeField(null=True)
    event_count = models.PositiveIntegerField(default=0)
    revision = models.PositiveBigIntegerField(default=1)

    # Whether it answers a command that was given before with the same key; the verb has looked.
    is_replay: bool = False

    objects = RunQuerySet.as_manager()

    class Meta:
        """The lists that people filter, and what must be true of every row."""

        indexes: ClassVar = [
            models.Index(fields=["status", "-id"], name="run_by_status"),
            models.Index(fields=["workflow_name", "-id"], name="run_by_workflow"),
            models.Index(
                fields=["parent"], name="run_by_parent", condition=Q(parent__isnull=False)
            ),
            models.Index(
                fields=["rerun_of", "-id"], name="run_by_rerun", condition=Q(rerun_of__isnull=False)
            ),
            models.Index(
                fields=["idempotency_key"],
                name="run_by_key",
                condition=Q(idempotency_key__isnull=False),
            ),
            models.Index(
                fields=["workflow_name", "concurrency_key", "id"],
                name="run_by_concurrency_key",
                condition=Q(concurrency_key__isnull=False, finished_at__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="run_status_is_known",
                condition=Q(status__in=[str(status) for status in RunStatus]),
            ),
            models.CheckConstraint(
                name="run_is_finished_exactly_when_ended",
                condition=Q(status__in=sorted(map(str, RUN_ENDED)), finished_at__isnull=False)
                | (~Q(status__in=sorted(map(str, RUN_ENDED))) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="run_that_goes_on_has_a_reason_and_is_looked_at_again",
                condition=Q(finished_at__isnull=False) | (~Q(reason="") & Q(wake_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="run_that_failed_has_an_error",
                condition=~Q(status="failed") | Q(error__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_id

    @property
    def shown_id(self) -> str:
        """The id as people and programs see it."""
        return ids.show(ids.PREFIX_RUN, self.id)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will start by itself any more."""
        return self.status in RUN_ENDED
