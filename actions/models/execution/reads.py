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
from actions.masking import MAX_TERM_LENGTH, param_term
from actions.models.accepted import accepted_within, all_before
from actions.models.catalogue import Action
from actions.models.execution.tally import CAP, COLUMNS, Tally
from actions.models.execution.words import has_words
from actions.models.idempotency import IdempotencyRecord
from actions.models.lone import lone
from actions.models.nearby import NEARBY, unindexed
from actions.models.record import Attempt
from actions.models.worker import Worker
from actions.names import INTERNAL
from actions.states import DUE, TERMINAL, ExecutionStatus

if TYPE_CHECKING:
    from actions.models.execution.row import Execution

# One that was lost so often is run by a worker that does nothing else meanwhile.
LOSSES_OF_A_SUSPECT = 2


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

    def last_numbers_of_ended(self, execution_ids: Collection[UUID]) -> dict[UUID, int]:
        """Of these the ones that have ended, each with the number of its last event."""
        ended = self.filter(id__in=execution_ids, finished_at__isnull=False)
        return dict(ended.values_list("id", "event_count"))

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
            "run_id": filters.run,
        }
        found = self.filter(
            **{lookup: value for lookup, value in exact.items() if value},
            **accepted_within(filters.since, filters.until),
        )
        if filters.params:
            found = found.filter(terms__contains=[param_term(*pair) for pair in filters.params])
        if filters.error:
            found = found.filter(has_words(filters.error))
        if filters.worker:
            found = found.filter(id__in=Attempt.objects.by_worker(filters.worker))
        return found.mentioning(filters.q) if filters.q else found

    def mentioning(self, text: str) -> "ExecutionQuerySet":
        """Those that the text names: by id, key, action, error code or exact value of a param."""
        if text.startswith(f"{ids.PREFIX_EXECUTION}_"):
            try:
                return self.filter(id=ids.parse(ids.PREFIX_EXECUTION, text))
            except ValueError:
                return self.none()
        named = Q(idempotency_key=text) | Q(action_name=text) | Q(error_code=text)
        # A longer one would be cut by the column's type and find what only begins like it.
        if len(text) <= MAX_TERM_LENGTH:
            named |= Q(terms__contains=[text])
        return self.filter(named)

    def named_like(self, patterns: tuple[str, ...]) -> "ExecutionQuerySet":
        """Those of actions whose name fits one of the shell patterns; all if there is none."""
        if not patterns:
            return self
        # Names, because no index serves a pattern.
        names = Action.objects.named_like(patterns).values_list("name", flat=True)
        return self.filter(action_name__in=list(names))

    def page(
        self,
        filters: ExecutionFilters,
        *,
        limit: int,
        before: UUID | None = None,
        after: UUID | None = None,
    ) -> list["Execution"]:
        """Up to `limit` that match, newest first: older than `before`, or just newer than `after`.

        What is not among the NEARBY rows next to the place is looked up by the filters' indexes;
        left to itself, the database may walk through the whole table for a rare row.
        """
        order = "-id" if after is None else "id"
        near, far = self.matching(filters)._split(before, after=after, until=filters.until)
        found = list(near.order_by(order)[:limit])
        if far is not None and len(found) < limit:
            place = unindexed(UUID)
            by_index = far.order_by(place.desc() if after is None else place.asc())
            identities = by_index.values_list("id", flat=True)[: limit - len(found)]
            found += self.filter(id__in=list(identities)).order_by(order)
        return found if after is None else found[::-1]

    def tally(self, filters: ExecutionFilters) -> Tally:
        """What matches, counted by COLUMNS: all of the newest NEARBY rows, and CAP older ones."""
        near, far = self.matching(filters)._split(None, until=filters.until)
        counted = near.order_by().values_list(*COLUMNS).annotate(count=models.Count("id"))
        groups = [(row[:-1], row[-1]) for row in counted]
        older = [] if far is None else list(far.order_by().values_list(*COLUMNS)[:CAP])
        groups += [(row, 1) for row in older]
        return Tally(groups=tuple(groups), is_capped=len(older) == CAP)

    def _split(
        self, before: UUID | None, *, after: UUID | None = None, until: datetime | None = None
    ) -> tuple["ExecutionQuerySet", "ExecutionQuerySet | None"]:
        """Those among the NEARBY rows next to a place, and those beyond; None if nothing can be.

        Of a list that ends at `until`, the rows around that moment come in addition.
        """
        way, order = ("lt", "-id") if after is None else ("gt", "id")
        place = before if after is None else after
        bound = {f"id__{way}": place} if place else {}
        around = self.model.objects.filter(**bound).order_by(order)
        if until is not None and after is None:
            around = around.filter(id__lt=all_before(until))
        edge = around.values_list("id", flat=True)[NEARBY : NEARBY + 1].first()
        if edge is None:
            return self.filter(**bound), None
        within = "gt" if after is None else "lt"
        return self.filter(**bound, **{f"id__{within}": edge}), self.filter(**{f"id__{way}e": edge})

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

    def runs_of(self, ids: Collection[UUID]) -> set[UUID]:
        """The runs whose steps these are."""
        found = self.filter(id__in=ids).values_list("run_id", flat=True)
        return {run_id for run_id in found if run_id is not None}

    def results_of(self, ids: Collection[UUID | None]) -> "dict[UUID | None, tuple[Any, Any]]":
        """The result of each of these, masked, and what its mask hides, sealed."""
        rows = self.filter(id__in=[one for one in ids if one is not None])
        found = rows.values_list("id", "result", "result_sealed")
        return {identity: (result, sealed) for identity, result, sealed in found}

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

    def ready_before(
        self, moment: datetime | Combinable, *, is_concurrent: bool
    ) -> "ExecutionQuerySet":
        """Those that could have been claimed since then, by that lane of a worker."""
        return self.filter(
            status__in=DUE, blocked_on="", is_concurrent=is_concurrent, run_at__lt=moment
        )

    def takeable_by(self, worker: Worker, *, is_concurrent: bool) -> "ExecutionQuerySet":
        """Those whose queue the worker serves, made of data or of code that this lane of it runs."""
        names = worker.actions_of_lane(is_concurrent=is_concurrent)
        known = self.filter(Q(action_name__in=names) | Q(is_declared=True))
        return known.filter(queue__in=worker.queues) if worker.queues else known

    def blocked_before(self, execution: "Execution") -> "ExecutionQuerySet":
        """Those that wait for the same limit and will be let through before this one."""
        alike = self.filter(status__in=DUE, blocked_on=execution.blocked_on)
        return alike.filter(
            Q(priority__gt=execution.priority)
            | Q(priority=execution.priority, run_at__lt=execution.run_at)
            | Q(priority=execution.priority, run_at=execution.run_at, id__lt=execution.id)
        )

    def suspected_before(self, execution: "Execution") -> "ExecutionQuerySet":
        """Those of its lane that keep losing their workers too, are due and go before this one."""
        alike = self.filter(
            status__in=DUE,
            blocked_on="",
            loss_count__gte=LOSSES_OF_A_SUSPECT,
            is_concurrent=execution.is_concurrent,
            run_at__lte=Now(),
        )
        return alike.filter(
            Q(crash_count__gt=execution.crash_count)
            | Q(crash_count=execution.crash_count, run_at__lt=execution.run_at)
            | Q(crash_count=execution.crash_count, run_at=execution.run_at, id__lt=execution.id)
        )

    def holding_place(self, name: str) -> list["Execution"]:
        """Up to ten executions that run under the limit of that name, the oldest first."""
        running = self.filter(status=ExecutionStatus.RUNNING, limits__contains=[name])
        return list(running.order_by("started_at")[:10])

    def without_internal(self) -> "ExecutionQuerySet":
        """Those that somebody has asked for, not the engine itself."""
        return self.exclude(action_name__startswith=INTERNAL)

    def statuses_of(self, identities: Collection[UUID]) -> dict[UUID, str]:
        """The status of each of these."""
        return dict(self.filter(id__in=identities).values_list("id", "status"))

    def versions_of(self, identities: Collection[UUID]) -> dict[UUID, int]:
        """The version of the action of each of these."""
        return dict(self.filter(id__in=identities).values_list("id", "version_id"))

    def among(self, identities: Sequence[UUID]) -> "ExecutionQuerySet":
        """Those with these ids, newest first."""
        return self.filter(id__in=identities).order_by("-id")

    def due_among(self, identities: Collection[UUID | None]) -> set[UUID]:
        """Those of these that wait for their turn or for another try, locked for this transaction."""
        wanted = [identity for identity in identities if identity is not None]
        due = self.filter(id__in=wanted, status__in=DUE).select_for_update(of=["self"])
        return set(due.values_list("id", flat=True)) if wanted else set()

    def unknown_keys(self, identities: Collection[UUID | None]) -> dict[UUID, str]:
        """Of these the ones of which nobody knows what they did, each with its downstream key."""
        wanted = [identity for identity in identities if identity is not None]
        unknown = self.filter(id__in=wanted, error__outcome="unknown")
        return dict(unknown.values_list("id", "downstream_key"))

    def newer_than(self, identity: UUID) -> "ExecutionQuerySet":
        """Those that were accepted after the one of that id."""
        return self.filter(id__gt=identity)

    def capped_count(self, cap: int) -> int:
        """How many there are, counting no further than `cap` + 1."""
        return self.order_by()[: cap + 1].count()
