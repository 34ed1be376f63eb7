"""Idempotency records: which execution or run a caller's key stands for.

Floor 2.
"""

from collections.abc import Collection
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from actions import ids
from actions.filters import KeyFilters
from actions.models.audit import AuditEvent
from actions.models.holder import HolderTable
from actions.models.lone import lone
from actions.models.nearby import NEARBY, unindexed
from actions.states import KeyKind, KeyState

if TYPE_CHECKING:
    from actions.models.execution import Execution

# How many of the last releases a list tells from keys that have expired by themselves.
RELEASES_KNOWN = 1_000


class IdempotencyRecordQuerySet(models.QuerySet["IdempotencyRecord"]):
    """Reads of the records."""

    def in_force(self, *, kind: str, name: str, key: str) -> "IdempotencyRecord | None":
        """The record of that key with its execution, unless it has expired."""
        found = self.filter(_is_in_force(), kind=kind, name=name, key=key)
        return lone(found.select_related("execution__version"))

    def keys_in_force(self, *, kind: str, name: str, among: Collection[str]) -> set[str]:
        """Those of these keys that stand for something."""
        found = self.filter(_is_in_force(), kind=kind, name=name, key__in=among)
        return set(found.values_list("key", flat=True))

    def expiry_for(self, execution_id: UUID) -> datetime | None:
        """When the key with which an execution was requested is free again; None if unknown."""
        return next(
            iter(self.of_execution(execution_id).values_list("expires_at", flat=True)), None
        )

    def of_execution(self, execution_id: UUID | OuterRef) -> "IdempotencyRecordQuerySet":
        """The record of the key with which an execution was requested."""
        return self.filter(execution_id=execution_id, kind=KeyKind.ACTION)

    def for_execution(self, execution_id: UUID) -> "IdempotencyRecordQuerySet":
        """The records of all keys that stand for an execution, those of commands too."""
        return self.filter(execution_id=execution_id)

    def of_runs(self, run_ids: Collection[UUID]) -> "IdempotencyRecordQuerySet":
        """The records of the keys with which runs were requested."""
        return self.filter(run_id__in=run_ids, kind=KeyKind.WORKFLOW)

    def for_runs(self, run_ids: Collection[UUID]) -> "IdempotencyRecordQuerySet":
        """The records of all keys that stand for runs, those of commands too."""
        return self.filter(run_id__in=run_ids)

    def expiry_for_run(self, run_id: UUID) -> datetime | None:
        """When the key with which a run was requested is free again; None if unknown."""
        return next(iter(self.of_runs([run_id]).values_list("expires_at", flat=True)), None)

    def unexpired(self) -> "IdempotencyRecordQuerySet":
        """Those that are in force."""
        return self.filter(_is_in_force())

    def held_in(self, table: HolderTable) -> "IdempotencyRecordQuerySet":
        """Those that stand for rows of that table, and whether each has been released."""
        read_into_row: dict[str, Any] = {"is_released": Exists(table.releases())}
        return self.filter(**{f"{table.column}__isnull": False}).annotate(**read_into_row)

    def older_than(self, number: int | None) -> "IdempotencyRecordQuerySet":
        """Those that were first used before the one of that number; all for None."""
        return self if number is None else self.filter(id__lt=number)

    def page(
        self, filters: KeyFilters, *, table: HolderTable, patterns: tuple[str, ...], limit: int
    ) -> list["IdempotencyRecord"]:
        """Of those that are held in a table up to `limit`, the ones used first last.

        Those that the filters let through, and whose names fit the patterns. What is not among the
        newest NEARBY of them is looked up by the indexes of the filters.
        """
        exact: dict[str, str | tuple[str, ...]] = {"kind__in": filters.kind, "key": filters.key}
        found = self.filter(**{lookup: value for lookup, value in exact.items() if value})
        chosen = table.choose(patterns=patterns, names=filters.name, statuses=filters.status)
        if chosen is not None:
            found = found.filter(**{f"{table.column}__in": chosen})
        # One query for several states would be one that no index serves.
        in_state = [found.filter(_is_in(state, table)) for state in set(filters.state)] or [found]
        edge = self.order_by("-id").values_list("id", flat=True)[NEARBY : NEARBY + 1].first()
        every = [each for one in in_state for each in one._newest(limit, edge=edge)]
        return sorted(every, key=attrgetter("id"), reverse=True)[:limit]

    def _newest(self, limit: int, *, edge: int | None) -> list["IdempotencyRecord"]:
        """Up to `limit` of them; no index is asked about what is newer than the edge."""
        if edge is None:
            return list(self.order_by("-id")[:limit])
        near = list(self.filter(id__gt=edge).order_by("-id")[:limit])
        far = self.filter(id__lte=edge).order_by(unindexed(int).desc())
        return near + (list(far[: limit - len(near)]) if len(near) < limit else [])

    def numbered(self, number: int) -> "IdempotencyRecord | None":
        """One of them."""
        return lone(self.filter(id=number))


def _is_in_force() -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gte=Now())


def _is_in(state: KeyState, table: HolderTable) -> Q:
    if state in (KeyState.FINISHED, KeyState.IN_USE):
        # Told by what it is, and not by what it is not, so that the index of the states serves.
        statuses = table.ended if state == KeyState.FINISHED else table.under_way
        return _is_in_force() & Q(**{f"{table.column}__in": table.choose(statuses=statuses)})
    # No index of the log finds releases, so the few that were come from the audit log.
    known = AuditEvent.objects.released_keys(limit=RELEASES_KNOWN)
    is_released = Q(**{f"{table.column}__in": known}) & Q(is_released=True)
    is_over = Q(expires_at__lt=Now())
    return is_over & (is_released if state == KeyState.RELEASED else ~is_released)


def _execution_field() -> "models.ForeignKey[Execution, Execution]":
    """Null for the key of a run; whoever reads it has asked for those of actions."""
    return models.ForeignKey(  # type: ignore[misc]  # its readers ask for those that have one
        "Execution", null=True, on_delete=models.PROTECT, related_name="idempotency_records"
    )


class IdempotencyRecord(models.Model):
    """One caller's key and the request that it names; taken over anew once it has expired."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    fingerprint_key = models.CharField(max_length=40)
    # Of a command what was asked, for when the fingerprint cannot be compared any more.
    asked_sealed = models.BinaryField(null=True)
    # Rises with every new execution under the same key.
    generation = models.PositiveIntegerField(default=1)
    # What it stands for, one of the two. Runs live upstairs, so there is no constraint.
    execution = _execution_field()
    run_id = models.UUIDField(null=True)
    hit_count = models.PositiveIntegerField(default=0)
    mismatch_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    last_hit_at = models.DateTimeField(null=True)
    # Null until the execution has ended; then completion plus the retention.
    expires_at = models.DateTimeField(null=True)

    # Whether it was freed before its time; known where `held_in` has read it.
    is_released: bool = False

    objects = IdempotencyRecordQuerySet.as_manager()

    class Meta:
        """The constraint is over the columns, so that no two spellings can meet."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "name", "key"], name="idempotency_key_names_one_request"
            ),
            models.CheckConstraint(
                name="idempotency_key_stands_for_an_execution_or_a_run",
                condition=Q(execution__isnull=False, run_id__isnull=True)
                | Q(execution__isnull=True, run_id__isnull=False),
            ),
        ]
        # Most are of executions, so these two are small.
        indexes: ClassVar = [
            models.Index(
                fields=["run_id"],
                name="idempotency_key_by_run",
                condition=Q(run_id__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="idempotency_key_of_runs",
                condition=Q(run_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.key}"

    @property
    def holder_id(self) -> UUID:
        """The id of what it stands for."""
        found = self.run_id or self.execution_id
        assert found is not None  # noqa: S101  # a constraint of the table
        return found

    @property
    def shown_holder(self) -> str:
        """The same as people and programs see it."""
        prefix = ids.PREFIX_EXECUTION if self.run_id is None else ids.PREFIX_RUN
        return ids.show(prefix, self.holder_id)

    def state(self, now: datetime, *, has_ended: bool) -> KeyState:
        """Where the key stands, if what it stands for has ended or not; read by `held_in`."""
        if self.expires_at is not None and self.expires_at < now:
            return KeyState.RELEASED if self.is_released else KeyState.EXPIRED
        return KeyState.FINISHED if has_ended else KeyState.IN_USE
