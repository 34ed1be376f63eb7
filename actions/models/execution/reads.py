"""Every read of the executions.

Floor 2.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from actions import ids
from actions.filters import ExecutionFilters
from actions.models.catalogue import Action
from actions.models.idempotency import IdempotencyRecord
from actions.models.lone import lone
from actions.models.patterns import regex_of
from actions.models.worker import Worker
from actions.states import DUE, TERMINAL, ExecutionStatus

if TYPE_CHECKING:
    from actions.models.execution.row import Execution

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
        due = self.filter(status__in=DUE, blocked_on="", run_at__lte=Now())
        same = due.filter(queue=execution.queue, is_concurrent=execution.is_concurrent)
        return same._before(execution)

    def ready_before(
        self, moment: datetime | Combinable, *, is_concurrent: bool
    ) -> "ExecutionQuerySet":
        """Those that could have been claimed since then, by that lane of a worker."""
        return self.filter(
            status__in=DUE, blocked_on="", is_concurrent=is_concurrent, run_at__lt=moment
        )

    def takeable_by(self, worker: Worker) -> "ExecutionQuerySet":
        """Those whose queue the worker serves and whose code it has."""
        known = self.filter(action_name__in=worker.actions)
        return known.filter(queue__in=worker.queues) if worker.queues else known

    def blocked_before(self, execution: "Execution") -> "ExecutionQuerySet":
        """Those that wait for the same limit and will be let through before this one."""
        alike = self.filter(status__in=DUE, blocked_on=execution.blocked_on)
        return alike._before(execution)

    def holding_place(self, name: str) -> list["Execution"]:
        """Up to ten executions that run under the limit of that name, the oldest first."""
        running = self.filter(status=ExecutionStatus.RUNNING, limits__contains=[name])
        return list(running.order_by("started_at")[:10])

    def _before(self, execution: "Execution") -> "ExecutionQuerySet":
        return self.filter(
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
        counted = self.model.objects.filter(id__in=newest).order_by()
        rows = counted.values_list(column).annotate(count=models.Count("id")).order_by("-count")
        return [(value, count) for value, count in rows if value]


def _first_id_of(moment: datetime) -> UUID:
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80)
