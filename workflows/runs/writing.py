"""The statement that writes runs, steps and their log, whatever their number.

Floor 4. Rows go in as JSON documents, which PostgreSQL turns into records of the tables: what is
new is inserted, what has changed is updated, and all of it costs one round trip.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import models

from actions.executions import accept, statements
from workflows.models import Run, RunEvent, Step

_INSERT = """INSERT INTO {table} ({columns})
    SELECT {values} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS made"""
_UPDATE = """UPDATE {table} AS kept SET {changes}, revision = kept.revision + 1
    FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS made WHERE kept.id = made.id"""
_STEP_CHANGES = (
    "status", "reason", "blocked_on", "generation", "waits_for", "has_passed", "execution_id", "child_id",
    "reused_from", "downstream_key", "result", "result_sealed", "error", "question", "open_count", "failed_count",
    "wake_at", "started_at", "finished_at",
)  # fmt: skip
_RUN_CHANGES = (
    "status", "reason", "wake_at", "result", "error", "is_stopping", "started_at", "finished_at",
    "paused_at", "cancel_requested_at", "event_count",
)  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Rows:
    """What is to be written; a step is either new or changed, executions are all new."""

    executions: Sequence[dict[str, Any]] = field(default_factory=list)
    new_runs: Sequence[Run] = field(default_factory=list)
    new_steps: Sequence[Step] = field(default_factory=list)
    steps: Sequence[Step] = field(default_factory=list)
    runs: Sequence[Run] = field(default_factory=list)
    events: Sequence[RunEvent] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        steps = (self.executions, self.new_steps, self.steps)
        return any((*steps, self.new_runs, self.runs, self.events))


def write(rows: Rows) -> None:
    """Write it all."""
    if rows:
        statements.run(
            _statement(),
            [
                json.dumps(rows.executions, ensure_ascii=False),
                _records(rows.new_runs, _columns(Run)),
                _records(rows.new_steps, _columns(Step)),
                _records(rows.steps, ("id", *_STEP_CHANGES)),
                _records(rows.runs, ("id", *_RUN_CHANGES)),
                _records(rows.events, _columns(RunEvent)),
            ],
        )


def make_partitions() -> None:
    """Make sure that the log of runs has partitions for this month and the two that follow."""
    statements.run("SELECT workflows_make_partitions()", [])


@cache
def _statement() -> str:
    return (
        f"WITH {accept.storing_many()}, new_runs AS ({_insert(Run)}), new_steps AS ({_insert(Step)}), "
        f"steps AS ({_update(Step, _STEP_CHANGES)}), runs AS ({_update(Run, _RUN_CHANGES)}) "
        f"{_insert(RunEvent)}"
    )


def _insert(model: type[models.Model]) -> str:
    columns = _columns(model)
    return _INSERT.format(
        table=model._meta.db_table,
        columns=", ".join(f'"{column}"' for column in columns),
        values=", ".join(f'made."{column}"' for column in columns),
    )


def _update(model: type[models.Model], columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{column} = made.{column}" for column in columns)
    return _UPDATE.format(table=model._meta.db_table, changes=changes)


@cache
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields
    return tuple(field.attname for field in fields if field.attname != "pk")


def _records(rows: Iterable[Any], columns: tuple[str, ...]) -> str:
    records = [
        {column: statements.in_json(getattr(row, column)) for column in columns} for row in rows
    ]
    return json.dumps(records, ensure_ascii=False)
