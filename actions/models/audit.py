"""The audit log: what people did to the installation itself.

Floor 2. Append-only as the execution log is: a trigger refuses every change.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from actions import ids
from actions.deeds import Deed
from actions.filters import AuditFilters
from actions.models.lone import lone
from actions.models.patterns import regex_of


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Reads of the audit log. Newest first means by id."""

    def matching(self, filters: AuditFilters) -> "AuditEventQuerySet":
        """Those that the filters let through."""
        exact: dict[str, str | tuple[str, ...] | datetime | None] = {
            "verb__in": filters.verb,
            "actor_label": filters.actor,
            "object_kind": filters.object_kind,
            "object_id": filters.object_id,
            "at__gte": filters.since,
            "at__lt": filters.until,
        }
        return self.filter(**{lookup: value for lookup, value in exact.items() if value})

    def named_like(self, patterns: tuple[str, ...]) -> "AuditEventQuerySet":
        """Those on actions and workflows whose name fits one of the shell patterns; all if none."""
        if not patterns:
            return self
        named = self.filter(object_kind__in=("action", "workflow"))
        return named.filter(object_id__regex=regex_of(patterns))

    def page(self, *, limit: int, before: int | None = None) -> list["AuditEvent"]:
        """Up to `limit` of them, the newest first, older than the one of the id `before`."""
        older = self if before is None else self.filter(id__lt=before)
        return list(older.order_by("-id")[:limit])

    def released_keys(self, *, limit: int) -> list[UUID]:
        """The executions and runs whose idempotency keys were released last, up to `limit`."""
        releases = self.filter(verb=Deed.IDEMPOTENCY_KEY_RELEASED).order_by("-id")
        shown = releases.values_list("data__execution", "data__run")[:limit]
        return [_held(execution, run) for execution, run in shown]

    def numbered(self, number: int) -> "AuditEvent | None":
        """One of them."""
        return lone(self.filter(id=number))


def _held(execution: str | None, run: str | None) -> UUID:
    if execution is not None:
        return ids.parse(ids.PREFIX_EXECUTION, execution)
    return ids.parse(ids.PREFIX_RUN, run or "")


class AuditEvent(models.Model):
    """One thing that somebody did, written in the transaction that did it; never with a secret."""

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=250)
    request_id = models.CharField(max_length=100, blank=True)
    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=100)
    object_label = models.CharField(max_length=250)
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        """What was done to one thing, and what was done in one hour."""

        indexes: ClassVar = [
            models.Index(fields=["object_kind", "object_id", "-id"], name="audit_by_object"),
            BrinIndex(fields=["at"], name="audit_by_moment", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_label}"
