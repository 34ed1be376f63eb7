"""The rows of the steps of a run, and of the elements of its maps.

Floor 2.
"""

from collections.abc import Collection
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, When, Window
from django.db.models.functions import RowNumber

from actions import ids
from actions.models import Execution
from actions.models.lone import lone
from actions.models.patterns import regex_of
from actions.states import ExecutionStatus
from workflows import reasons, states
from workflows.models import outcomes
from workflows.states import STEP_ACTIVE, STEP_ENDED, STEP_FAILED, STEP_PASSED, StepStatus

_NAMED = """
SELECT step.* FROM unnest(%s::uuid[], %s::text[]) AS wanted (run_id, name)
JOIN workflows_step AS step ON step.run_id = wanted.run_id AND step.name = wanted.name
WHERE step.element IS NULL
"""


class StepQuerySet(models.QuerySet["Step"]):
    """Reads of the steps."""

    def named(self, wanted: Collection[tuple[UUID, str]]) -> list["Step"]:
        """The steps of those names in those runs, not the elements of maps."""
        runs, names = zip(*wanted, strict=True) if wanted else ((), ())
        return list(self.raw(_NAMED, [list(runs), list(names)]))

    def outcomes(self, wanted: Collection[tuple[UUID, str]]) -> list[dict[str, Any]]:
        """What those steps led to: those of `outcomes.of_steps`."""
        return outcomes.of_steps(wanted)

    def elements_of(self, wanted: Collection[tuple[UUID, str]]) -> list[dict[str, Any]]:
        """What the elements of those maps led to, in their order: run_id, name, result."""
        return outcomes.of_elements(wanted)

    def of(self, run_id: UUID) -> "StepQuerySet":
        """The steps of a run in the order of its definition, without the elements of maps."""
        return self.filter(run_id=run_id, element__isnull=True).order_by("position")

    def of_runs(self, run_ids: Collection[UUID]) -> "StepQuerySet":
        """The steps of these runs, and the elements of their maps."""
        return self.filter(run_id__in=run_ids)

    def active(self, run_ids: Collection[UUID]) -> "StepQuerySet":
        """Those of these runs that have begun and not ended, without the elements of maps."""
        return self.filter(run_id__in=run_ids, status__in=STEP_ACTIVE, element__isnull=True)

    def active_with_elements(self, run_id: UUID) -> "StepQuerySet":
        """Those of a run that have begun and not ended, and the elements of maps."""
        return self.filter(run_id=run_id, status__in=STEP_ACTIVE).order_by("position", "element")

    def failures(self, run_ids: Collection[UUID]) -> "StepQuerySet":
        """Those for which these runs fail, the earliest first; before what was cancelled for them."""
        is_failed = Case(When(status=StepStatus.FAILED, then=0), default=1)
        return self.filter(
            run_id__in=run_ids, status__in=STEP_FAILED, is_optional=False, element__isnull=True
        ).order_by("finished_at", is_failed, "position")

    def names_of(self, wanted: Collection[UUID]) -> "StepQuerySet":
        """Those of these ids, with nothing but what they are called by."""
        return self.filter(id__in=wanted).only("id", "name", "element")

    def unknown_of(self, run_id: UUID) -> "StepQuerySet":
        """Those of a run, elements too, of which nobody knows whether they had their effect."""
        return self.filter(run_id=run_id, status=StepStatus.FAILED, error__outcome="unknown")

    def identified(self, wanted: Collection[UUID]) -> "StepQuerySet":
        """Those of these ids."""
        return self.filter(id__in=wanted)

    def active_element_count(self, step: "Step") -> int:
        """How many elements of a map have begun and not ended."""
        begun = self.filter(run_id=step.run_id, name=step.name, element__isnull=False)
        return begun.filter(status__in=STEP_ACTIVE).count()

    def element_counts(self, step: "Step") -> dict[str, int]:
        """How many elements a map has, `whole`, and how many of them have `passed`."""
        passed = Count("id", filter=Q(status__in=STEP_PASSED))
        found = self.filter(run_id=step.run_id, name=step.name, element__isnull=False)
        return found.aggregate(whole=Count("id"), passed=passed)

    def tallies(self, run_id: UUID) -> dict[str, dict[str, int]]:
        """For each map of a run its elements: `whole`, and those that `passed` and `failed`."""
        found = self.filter(run_id=run_id, element__isnull=False).order_by().values("name")
        counted = found.annotate(
            whole=Count("id"),
            passed=Count("id", filter=Q(status__in=STEP_PASSED)),
            failed=Count("id", filter=Q(status=StepStatus.FAILED)),
        )
        rows = counted.values_list("name", "whole", "passed", "failed")
        return {
            name: {"whole": whole, "passed": passed, "failed": failed}
            for name, whole, passed, failed in rows
        }

    def elements(self, run_id: UUID, name: str) -> "StepQuerySet":
        """The elements of a map, in order."""
        found = self.filter(run_id=run_id, name=name, element__isnull=False)
        return found.order_by("element")

    def passed(self) -> "StepQuerySet":
        """Those that have a result."""
        return self.filter(status__in=STEP_PASSED)

    def shown(self, run_id: UUID, *, limit: int) -> list["Step"]:
        """Up to `limit` steps of a run in order; of more, those that failed or go on come first."""
        urgent = Case(
            When(status=StepStatus.FAILED, then=0), When(status__in=STEP_ACTIVE, then=1), default=2
        )
        found = self.of(run_id).order_by(urgent, "position")[:limit]
        return sorted(found, key=lambda step: step.position)

    def states_of_elements(self, run_id: UUID) -> dict[str, dict[str, int]]:
        """For each map of a run how many of its elements are in which status."""
        found = self.filter(run_id=run_id, element__isnull=False).order_by()
        counts: dict[str, dict[str, int]] = {}
        for name, status, count in found.values_list("name", "status").annotate(Count("id")):
            counts.setdefault(name, {})[status] = count
        return counts

    def first_failed_elements(self, run_id: UUID, *, limit: int) -> list["Step"]:
        """Up to `limit` failed elements of each map of a run, in order."""
        place = Window(RowNumber(), partition_by="name", order_by="element")
        failed = self.filter(run_id=run_id, element__isnull=False, status=StepStatus.FAILED)
        return list(
            failed.annotate(place=place).filter(place__lte=limit).order_by("name", "element")
        )

    def awaiting_an_answer(self, patterns: tuple[str, ...]) -> "StepQuerySet":
        """The approvals at which somebody is asked, the newest first, with their runs."""
        asked = self.filter(status=StepStatus.WAITING, reason=reasons.APPROVAL)
        found = asked.select_related("run__version").defer("run__version__document")
        if patterns:
            found = found.filter(run__workflow_name__regex=regex_of(patterns))
        return found.order_by("-id")

    def before(self, step_id: UUID | None) -> "StepQuerySet":
        """Those with smaller ids; all for None."""
        return self if step_id is None else self.filter(id__lt=step_id)

    def named_in(self, run_id: UUID, name: str) -> "Step | None":
        """The step of that name in a run, not an element of a map."""
        return lone(self.of(run_id).filter(name=name))

    def blocked_on(self, actions: Collection[str]) -> "StepQuerySet":
        """The steps, and elements of maps, that wait for one of these actions, the oldest first."""
        return self.filter(blocked_on__in=actions).exclude(blocked_on="").order_by("id")

    def blocked_elements(self, run_id: UUID) -> "StepQuerySet":
        """The elements of the maps of a run that wait for an action."""
        return self.filter(run_id=run_id, element__isnull=False).exclude(blocked_on="")

    def telling_elements(self, step: "Step", *, limit: int) -> list["Step"]:
        """Up to `limit` elements of a map that go on; what is blocked first, then what is executed."""
        begun = self.filter(run_id=step.run_id, name=step.name, element__isnull=False)
        executed = Execution.objects.filter(
            id=OuterRef("execution_id"), status=ExecutionStatus.RUNNING
        )
        first = Case(When(~Q(blocked_on=""), then=0), When(Exists(executed), then=1), default=2)
        found = begun.filter(status__in=STEP_ACTIVE).order_by(first, "element")
        return list(found[:limit])

    def held_back(self, step: "Step", limit: int) -> list["Step"]:
        """The next elements of a map that have not begun."""
        waiting = self.filter(
            run_id=step.run_id,
            name=step.name,
            element__isnull=False,
            status=StepStatus.PENDING,
        )
        return list(waiting.order_by("element")[:limit])


class Step(models.Model):
    """A step of a run, or with a number in `element` one element of a map."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    run = models.ForeignKey(
        "Run", on_delete=models.PROTECT, related_name="steps", db_constraint=False, db_index=False
    )
    name = models.CharField(max_length=63)
    element = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    status = models.CharField(max_length=20)
    # Why it does not go on, a word of `reasons`.
    reason = models.CharField(max_length=40, blank=True)
    # The action that it waits for, which is not there or is disabled.
    blocked_on = models.CharField(max_length=100, blank=True, default="", db_default="")
    # Rises with every new try by a person; each has an execution of its own.
    generation = models.PositiveIntegerField(default=1)
    # How many of those before it have neither passed nor been skipped, and whether one has passed.
    waits_for = models.PositiveIntegerField()
    has_passed = models.BooleanField(default=False)
    is_optional = models.BooleanField(default=False)
    execution_id = models.UUIDField(null=True)
    child_id = models.UUIDField(null=True)
    # What goes downstream, where that does not follow from run, step and generation; where it runs
    # a workflow, the earlier sub-run whose keys go downstream again.
    downstream_key = models.CharField(max_length=255, blank=True)
    # The execution of an earlier run whose result it has.
    reused_from = models.UUIDField(null=True)
    # What has no execution keeps its result here: switches, answers, events, sub-runs. Secrets are
    # masked in it and sealed beside it.
    result = models.JSONField(null=True)
    result_sealed = models.BinaryField(null=True)
    error = models.JSONField(null=True)
    question = models.TextField(blank=True)
    # Of an element: what it is made of, and what it is called by. Of a map: what it counts.
    value = models.JSONField(null=True)
    item_key = models.CharField(max_length=255, blank=True)
    open_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    wake_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    revision = models.PositiveBigIntegerField(default=1)

    objects = StepQuerySet.as_manager()

    class Meta:
        """A name and an element are one row of a run."""

        indexes: ClassVar = [
            models.Index(
                fields=["run"],
                name="step_active",
                condition=Q(status__in=sorted(map(str, STEP_ACTIVE))),
            ),
            models.Index(
                fields=["-id"],
                name="step_awaiting_an_answer",
                condition=Q(status="waiting", reason="approval"),
            ),
            models.Index(
                fields=["blocked_on", "id"], name="step_blocked", condition=~Q(blocked_on="")
            ),
            models.Index(
                fields=["run"],
                name="step_failed",
                condition=Q(status="failed", element__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "name", "element"],
                name="step_stands_once_in_its_run",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="step_status_is_known",
                condition=Q(status__in=[str(status) for status in StepStatus]),
            ),
            models.CheckConstraint(
                name="step_is_finished_exactly_when_ended",
                condition=Q(status__in=sorted(map(str, STEP_ENDED)), finished_at__isnull=False)
                | (~Q(status__in=sorted(map(str, STEP_ENDED))) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="step_that_waits_says_why",
                condition=~Q(status="waiting") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="step_that_failed_has_an_error",
                condition=~Q(status="failed") | Q(error__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name if self.element is None else f"{self.name}[{self.element}]"

    @property
    def is_handler(self) -> bool:
        """Whether the run calls it in order to end: to undo a step, or to handle its failure."""
        return self.name.startswith(states.ADDED)

    @property
    def effect_id(self) -> UUID | None:
        """The execution or the sub-run whose result it has, in whichever run that was."""
        return self.execution_id or self.reused_from or self.child_id

    @property
    def shown_execution_id(self) -> str:
        """The id of its execution as people and programs see it; empty without one."""
        return ids.show(ids.PREFIX_EXECUTION, self.execution_id) if self.execution_id else ""

    @property
    def shown_child_id(self) -> str:
        """The same of its sub-run."""
        return ids.show(ids.PREFIX_RUN, self.child_id) if self.child_id else ""
