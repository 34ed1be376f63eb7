"""The statements that write runs, steps and their log: one for all rows of a kind.

Floor 4. Rows go in as one JSON document, which PostgreSQL turns into records of the table.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models

from actions.executions import statements
from workflows.models import Run, RunEvent, Step

_INSERT = """
INSERT INTO {table} ({columns})
SELECT {values} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS made
"""
_UPDATE = """
UPDATE {table} AS kept SET {changes}, revision = kept.revision + 1
FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS made WHERE kept.id = made.id
"""
_STEP_CHANGES = (
    "status", "reason", "generation", "waits_for", "has_passed", "execution_id", "child_id", "reused_from", "downstream_key",
    "result", "error", "question", "open_count", "failed_count", "wake_at", "started_at", "finished_at",
)  # fmt: skip
_RUN_CHANGES = (
    "status", "reason", "wake_at", "result", "error", "is_stopping", "started_at", "finished_at",
    "paused_at", "cancel_requested_at", "event_count",
)  # fmt: skip


def make_partitions() -> None:
    """Make sure that the log of runs has partitions for this month and the two that follow."""
    statements.run("SELECT workflows_make_partitions()", [])


def insert_runs(runs: Sequence[Run]) -> None:
    """Insert new runs."""
    _insert(Run, runs, without=())


def insert_steps(steps: Sequence[Step]) -> None:
    """Insert new steps, and give each its id."""
    if steps:
        made = statements.run(
            _insert_statement(Step, ("id",)) + " RETURNING id, run_id, name, element",
            [_records(Step, steps, without=("id",))],
        )
        ids = {(run_id, name, element): identity for identity, run_id, name, element in made}
        for step in steps:
            step.id = ids[step.run_id, step.name, step.element]


def insert_events(events: Sequence[RunEvent]) -> None:
    """Append to the logs."""
    _insert(RunEvent, events, without=("pk",))


def update_steps(steps: Sequence[Step]) -> None:
    """Write what has changed in steps; their runs are locked."""
    _update(Step, steps, _STEP_CHANGES)


def update_runs(runs: Sequence[Run]) -> None:
    """Write what has changed in runs, which are locked."""
    _update(Run, runs, _RUN_CHANGES)


def _insert(model: type[models.Model], rows: Sequence[Any], *, without: tuple[str, ...]) -> None:
    if rows:
        statements.run(_insert_statement(model, without), [_records(model, rows, without=without)])


def _update(model: type[models.Model], rows: Sequence[Any], changes: tuple[str, ...]) -> None:
    if rows:
        records = [{name: _plain(getattr(row, name)) for name in ("id", *changes)} for row in rows]
        statement = _UPDATE.format(
            table=model._meta.db_table,
            changes=", ".join(f"{name} = made.{name}" for name in changes),
        )
        statements.run(statement, [json.dumps(records, ensure_ascii=False)])


def _records(model: type[models.Model], rows: Iterable[Any], *, without: tuple[str, ...]) -> str:
    columns = _columns(model, without)
    records = [{column: _plain(getattr(row, column)) for column in columns} for row in rows]
    return json.dumps(records, ensure_ascii=False)


@cache
def _insert_statement(model: type[models.Model], without: tuple[str, ...]) -> str:
    columns = _columns(model, without)
    return _INSERT.format(
        table=model._meta.db_table,
        columns=", ".join(f'"{column}"' for column in columns),
        values=", ".join(f'made."{column}"' for column in columns),
    )


@cache
def _columns(model: type[models.Model], without: tuple[str, ...]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields
    return tuple(field.attname for field in fields if field.attname not in without)


def _plain(value: object) -> object:
    """A column's value as JSON, in which PostgreSQL recognises it."""
    match value:
        case bytes():
            return f"\\x{value.hex()}"
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            return value
