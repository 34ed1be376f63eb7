"""What keys stand for, executions and runs, as the release of a key and a look at it need them.

Floor 4. Runs stand on this floor's shoulders and are not known here: their keeper registers itself.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Protocol
from uuid import UUID

from actions import ids
from actions.actors import Actor
from actions.executions import events
from actions.filters import KeyFilters
from actions.jsontypes import JSONObject
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from actions.models.holder import Holder, HolderTable
from actions.states import TERMINAL, EventType, ExecutionStatus, KeyKind

EXECUTIONS = HolderTable(
    column="execution_id",
    prefix=ids.PREFIX_EXECUTION,
    name="action_name",
    rows=Execution.objects.named_like,
    log=ExecutionEvent,
    kinds=frozenset({KeyKind.ACTION, KeyKind.COMMAND}),
    statuses=ExecutionStatus,
    ended=TERMINAL,
)


class RunKeeper(Protocol):
    """What the keeper of runs has to offer."""

    @property
    def table(self) -> HolderTable:
        """Where runs and their logs are read."""

    def lock(self, run_id: UUID) -> None:
        """Let nobody change the run until the caller's transaction ends."""

    def note(self, run_id: UUID, event: EventType, *, by: Actor, facts: JSONObject) -> None:
        """Write into its log, in the caller's transaction, what happened to a key of it."""


_keepers: list[RunKeeper] = []


def register(keeper: RunKeeper) -> None:
    """Ask this one about runs."""
    _keepers[:] = [keeper]


def tables() -> tuple[HolderTable, ...]:
    """All that keys stand for: executions first, then runs."""
    return (EXECUTIONS, *(keeper.table for keeper in _keepers))


def statuses() -> list[StrEnum]:
    """Every status that one of them may have, those of executions first."""
    return list(dict.fromkeys(status for table in tables() for status in table.statuses))


def table_of(record: IdempotencyRecord) -> HolderTable:
    """Where that is read which the key stands for."""
    return EXECUTIONS if record.run_id is None else _keepers[0].table


def find(record: IdempotencyRecord) -> Holder:
    """What the key stands for, as it is now."""
    return find_all([record])[record.holder_id]


def find_all(records: Collection[IdempotencyRecord]) -> dict[UUID, Holder]:
    """What these keys stand for, by its id; up to one query for each table."""
    found: dict[UUID, Holder] = {}
    for table in tables():
        found |= table.find([each.holder_id for each in records if table_of(each) is table])
    return found


def numbered(number: int) -> IdempotencyRecord | None:
    """The key of that number, with whether it has been released."""
    every = (IdempotencyRecord.objects.held_in(table).numbered(number) for table in tables())
    return next((found for found in every if found is not None), None)


def page(
    filters: KeyFilters,
    *,
    within: Sequence[HolderTable],
    patterns: tuple[str, ...],
    limit: int,
    before: int | None = None,
) -> list[IdempotencyRecord]:
    """Up to `limit` keys of what is in these tables, the ones used first last, older than `before`.

    Only what the filters let through, whose action's or workflow's name fits the patterns. Each table
    is asked by itself, since no index serves a question about either.
    """
    found: list[IdempotencyRecord] = []
    for table in within:
        if not filters.kind or table.kinds & set(filters.kind):
            older = IdempotencyRecord.objects.held_in(table).older_than(before)
            found += older.page(filters, table=table, patterns=patterns, limit=limit)
    return sorted(found, key=attrgetter("id"), reverse=True)[:limit]


def lock(record: IdempotencyRecord) -> Holder:
    """What it stands for, locked until the caller's transaction ends."""
    if record.run_id is not None:
        _keepers[0].lock(record.run_id)
    else:
        Execution.objects.locked(record.holder_id)
    return find(record)


def note(record: IdempotencyRecord, event: EventType, *, by: Actor, facts: JSONObject) -> None:
    """Write into the log of what the key stands for what happened to the key."""
    if record.run_id is not None:
        _keepers[0].note(record.run_id, event, by=by, facts=facts)
    else:
        events.append(record.holder_id, event, by=by, facts=facts)
