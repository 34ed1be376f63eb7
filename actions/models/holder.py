"""What idempotency keys stand for, as the pages of keys read it: each table of it in one form.

Floor 2. Executions are one table; runs, which live upstairs, are the other.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q

from actions import ids
from actions.models.nearby import unindexed
from actions.states import EventType, KeyKind

# What happens to an idempotency key, in the words that the logs of both have for it.
KEY_EVENTS = (
    EventType.ACCEPTED,
    EventType.ATTACHED,
    EventType.REPLAYED,
    EventType.MISMATCH_REFUSED,
    EventType.KEY_RELEASED,
)
# In an event of the key of a command: which key. Without it, it is that of the request.
KEY_NUMBER = "key_number"
_SHOWN = ("id", "status", "key_generation", "actor_label", "queued_at")
_TOLD = ("seq", "type", "at", "actor_kind", "actor_label", "request_id", "data")


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """What a key stands for, or has stood for; `name` is that of its action or workflow."""

    id: UUID
    shown_id: str
    name: str
    status: str
    has_ended: bool
    key_generation: int
    actor_label: str
    queued_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyEvent:
    """What the log of a holder says of its key."""

    holder_id: UUID
    seq: int
    type: str
    at: datetime
    actor_kind: str
    actor_label: str
    request_id: str
    data: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class HolderTable:
    """One table of what keys stand for.

    `rows` are those of them whose names fit patterns, all for none. `column` leads to a row, from
    the records of keys as from its log; `name` is its column with the action or the workflow;
    `kinds` are those of the keys.
    """

    column: str
    prefix: str
    name: str
    rows: "Callable[[tuple[str, ...]], models.QuerySet[Any]]"
    log: type[models.Model]
    kinds: frozenset[KeyKind]
    statuses: type[StrEnum]
    ended: frozenset[StrEnum]

    @property
    def under_way(self) -> frozenset[StrEnum]:
        """The statuses of what has not ended."""
        return frozenset(self.statuses) - self.ended

    def find(self, identities: Collection[UUID]) -> dict[UUID, Holder]:
        """Those of these ids, by one query."""
        return self._read(self.rows(()).filter(id__in=identities)) if identities else {}

    def under_key(self, name: str, key: str, *, limit: int) -> dict[UUID, Holder]:
        """Those of an action or a workflow that one key has had, up to `limit`, the newest first."""
        found = self.rows(()).filter(**{self.name: name}, idempotency_key=key)
        return self._read(found.order_by(unindexed(UUID).desc())[:limit])

    def choose(
        self,
        *,
        patterns: tuple[str, ...] = (),
        names: Collection[str] = (),
        statuses: Collection[str] = (),
    ) -> "models.QuerySet[Any, UUID] | None":
        """The ids of those with these names and statuses, for a query; None if any will do."""
        if not (patterns or names or statuses):
            return None
        exact = {f"{self.name}__in": names, "status__in": statuses}
        found = self.rows(patterns).filter(
            **{one: any_of for one, any_of in exact.items() if any_of}
        )
        return found.values_list("id", flat=True)

    def releases(self) -> "models.QuerySet[Any]":
        """What the log says of the release of a key, for a query of records."""
        return self._log().filter(
            **{self.column: OuterRef(self.column)},
            type=EventType.KEY_RELEASED,
            at__gte=OuterRef("expires_at"),
        )

    def events(
        self,
        identities: Collection[UUID],
        *,
        limit: int,
        before: tuple[UUID, int] | None = None,
        command: int | None = None,
    ) -> list[KeyEvent]:
        """Up to `limit` events of the key that these had one after the other.

        Or of the key of that number, if it is that of a `command`. The newest first: by holder, whose
        ids rise with time, and by number within it; older than the event that `before` names.
        """
        found = self._log().filter(**{f"{self.column}__in": identities}, type__in=KEY_EVENTS)
        if command is None:
            found = found.exclude(data__has_key=KEY_NUMBER)
        else:
            found = found.filter(**{f"data__{KEY_NUMBER}": command})
        if before is not None:
            identity, seq = before
            same = Q(**{self.column: identity}, seq__lt=seq)
            found = found.filter(Q(**{f"{self.column}__lt": identity}) | same)
        newest = found.order_by(f"-{self.column}", "-seq").values_list(self.column, *_TOLD)
        names = ("holder_id", *_TOLD)
        return [KeyEvent(**dict(zip(names, row, strict=True))) for row in newest[:limit]]

    def _log(self) -> "models.QuerySet[Any]":
        return self.log._default_manager.all()

    def _read(self, rows: "models.QuerySet[Any]") -> dict[UUID, Holder]:
        found = (
            dict(zip(("name", *_SHOWN), row, strict=True))
            for row in rows.values_list(self.name, *_SHOWN)
        )
        return {values["id"]: self._holder(values) for values in found}

    def _holder(self, values: dict[str, Any]) -> Holder:
        shown_id = ids.show(self.prefix, values["id"])
        return Holder(**values, shown_id=shown_id, has_ended=values["status"] in self.ended)
