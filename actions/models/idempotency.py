"""Idempotency records: which execution or run a caller's key stands for.

Floor 2.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from actions import ids
from actions.filters import KeyFilters
from actions.models.audit import AuditEvent
from actions.models.lone import lone
from actions.models.patterns import regex_of
from actions.models.record import ExecutionEvent
from actions.states import TERMINAL, EventType, ExecutionStatus, KeyKind, KeyState

if TYPE_CHECKING:
    from actions.models.execution import Execution

# How many of the last releases a list tells from keys that have expired by themselves.
RELEASES_KNOWN = 1_000
_UNDER_WAY = frozenset(ExecutionStatus) - TERMINAL


class IdempotencyRecordQuerySet(models.QuerySet["IdempotencyRecord"]):
    """Reads of the records."""

    def in_force(self, *, kind: str, name: str, key: str) -> "IdempotencyRecord | None":
        """The record of that key with its execution, unless it has expired."""
        found = self.filter(_is_in_force(), kind=kind, name=name, key=key)
        return lone(found.select_related("execution__version"))

    def expiry_for(self, execution_id: UUID) -> datetime | None:
        """When the key with which an execution was requested is free again; None if unknown."""
        return next(
            iter(self.of_execution(execution_id).values_list("expires_at", flat=True)), None
        )

    def of_execution(self, execution_id: UUID | OuterRef) -> "IdempotencyRecordQuerySet":
        """The record of the key with which an execution was requested."""
        return self.filter(execution_id=execution_id, kind=KeyKind.ACTION)

    def of_runs(self, run_ids: Collection[UUID]) -> "IdempotencyRecordQuerySet":
        """The records of the keys with which runs were requested."""
        return self.filter(run_id__in=run_ids, kind=KeyKind.WORKFLOW)

    def expiry_for_run(self, run_id: UUID) -> datetime | None:
        """When the key with which a run was requested is free again; None if unknown."""
        return next(iter(self.of_runs([run_id]).values_list("expires_at", flat=True)), None)

    def unexpired(self) -> "IdempotencyRecordQuerySet":
        """Those that are in force."""
        return self.filter(_is_in_force())

    def for_reading(self) -> "IdempotencyRecordQuerySet":
        """Those of executions, with them, and whether each has been released."""
        release = ExecutionEvent.objects.filter(
            execution_id=OuterRef("execution_id"),
            type=EventType.KEY_RELEASED,
            at__gte=OuterRef("expires_at"),
        )
        read_into_row: dict[str, Any] = {"is_released": Exists(release)}
        found = self.filter(execution__isnull=False).select_related("execution")
        return found.annotate(**read_into_row)

    def named_like(self, patterns: tuple[str, ...]) -> "IdempotencyRecordQuerySet":
        """Those of actions whose name fits one of the shell patterns; all if there is none."""
        return self.filter(execution__action_name__regex=regex_of(patterns)) if patterns else self

    def matching(self, filters: KeyFilters) -> "IdempotencyRecordQuerySet":
        """Those that the filters let through; made of `for_reading`."""
        exact: dict[str, str | tuple[str, ...]] = {
            "kind__in": filters.kind,
            "execution__action_name__in": filters.action,
            "key": filters.key,
            "execution__status__in": filters.status,
        }
        found = self.filter(**{lookup: value for lookup, value in exact.items() if value})
        in_state = Q()
        for state in filters.state:
            in_state |= _is_in(state)
        return found.filter(in_state)

    def page(self, *, limit: int, before: int | None = None) -> list["IdempotencyRecord"]:
        """Up to `limit` of them, the ones used first last, older than that number."""
        older = self if before is None else self.filter(id__lt=before)
        return list(older.order_by("-id")[:limit])

    def numbered(self, number: int) -> "IdempotencyRecord | None":
        """One of them."""
        return lone(self.filter(id=number))


def _is_in_force() -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gte=Now())


def _is_in(state: KeyState) -> Q:
    if state == KeyState.FINISHED:
        return _is_in_force() & Q(execution__status__in=TERMINAL)
    if state == KeyState.IN_USE:
        # Told by what it is, and not by what it is not, so that the index of the states serves.
        return _is_in_force() & Q(execution__status__in=_UNDER_WAY)
    # No index of the log finds releases, so the few executions come from the audit log.
    known = AuditEvent.objects.released_keys(limit=RELEASES_KNOWN)
    is_released = Q(execution_id__in=known) & Q(is_released=True)
    is_over = Q(expires_at__lt=Now())
    return is_over & (is_released if state == KeyState.RELEASED else ~is_released)


def _execution_field() -> "models.ForeignKey[Execution, Execution]":
    """Null for the key of a run; whoever reads it has asked for those of executions."""
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

    # Whether it was freed before its time; known where `for_reading` has read it.
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
        # Most are of executions, so this one is small.
        indexes: ClassVar = [
            models.Index(
                fields=["run_id"],
                name="idempotency_key_by_run",
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

    def state(self, now: datetime) -> KeyState:
        """Where the key stands; the record was read by `for_reading`."""
        if self.expires_at is not None and self.expires_at < now:
            return KeyState.RELEASED if self.is_released else KeyState.EXPIRED
        has_ended = ExecutionStatus(self.execution.status) in TERMINAL
        return KeyState.FINISHED if has_ended else KeyState.IN_USE
