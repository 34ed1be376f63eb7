"""Idempotency records: which execution a caller's key stands for.

Floor 2.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import Now

from actions.models.lone import lone


class IdempotencyRecordQuerySet(models.QuerySet["IdempotencyRecord"]):
    """Reads of the records."""

    def in_force(self, *, kind: str, name: str, key: str) -> "IdempotencyRecord | None":
        """The record of that key with its execution, unless it has expired."""
        is_in_force = Q(expires_at__isnull=True) | Q(expires_at__gte=Now())
        found = self.filter(is_in_force, kind=kind, name=name, key=key)
        return lone(found.select_related("execution__version"))

    def expiry_for(self, execution_id: UUID) -> datetime | None:
        """When the key with which an execution was requested is free again; None if unknown."""
        return next(
            iter(self.of_execution(execution_id).values_list("expires_at", flat=True)), None
        )

    def of_execution(self, execution_id: UUID | OuterRef) -> "IdempotencyRecordQuerySet":
        """The record of the key with which an execution was requested."""
        return self.filter(execution_id=execution_id, kind="action")


class IdempotencyRecord(models.Model):
    """One caller's key and the request that it names; taken over anew once it has expired."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    fingerprint_key = models.CharField(max_length=40)
    # Rises with every new execution under the same key.
    generation = models.PositiveIntegerField(default=1)
    execution = models.ForeignKey(
        "Execution", on_delete=models.PROTECT, related_name="idempotency_records"
    )
    hit_count = models.PositiveIntegerField(default=0)
    mismatch_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    last_hit_at = models.DateTimeField(null=True)
    # Null until the execution has ended; then completion plus the retention.
    expires_at = models.DateTimeField(null=True)

    objects = IdempotencyRecordQuerySet.as_manager()

    class Meta:
        """The constraint is over the columns, so that no two spellings can meet."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "name", "key"], name="idempotency_key_names_one_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.key}"
