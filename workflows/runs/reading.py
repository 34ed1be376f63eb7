"""Read the runs that are locked, and their steps, each by one prepared statement.

Floor 4, on the way of every step that ends.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from actions.executions import statements
from workflows.models import Run, Step

Row = TypeVar("Row", bound=models.Model)

# By their ids, and the runs whose steps they are with them: whoever ends one ends perhaps another.
_LOCK = """
WITH RECURSIVE above AS (
    SELECT id, parent_id FROM workflows_run WHERE id = ANY(%s::uuid[])
    UNION
    SELECT run.id, run.parent_id FROM above JOIN workflows_run AS run ON run.id = above.parent_id
)
SELECT clock_timestamp(), {columns} FROM workflows_run AS row
WHERE row.id IN (SELECT id FROM above) ORDER BY row.id FOR NO KEY UPDATE
"""
# How the executions of these steps have ended, for those that were asked for.
_AROUND = """
SELECT execution.status, execution.error, {columns} FROM workflows_step AS row
LEFT JOIN actions_execution AS execution
    ON execution.id = row.execution_id AND execution.id = ANY(%s::uuid[])
WHERE row.run_id = ANY(%s::uuid[]) AND row.element IS NULL
UNION ALL
SELECT execution.status, execution.error, {columns} FROM workflows_step AS row
LEFT JOIN actions_execution AS execution
    ON execution.id = row.execution_id AND execution.id = ANY(%s::uuid[])
WHERE row.id = ANY(%s::uuid[]) AND (row.element IS NOT NULL OR row.run_id <> ALL(%s::uuid[]))
"""


def lock(run_ids: Collection[UUID]) -> tuple[datetime | None, list[Run]]:
    """Lock these runs and those above them, in one order for all; the database's clock with them."""
    rows = statements.run(_LOCK.replace("{columns}", _columns(Run)), [list(run_ids)])
    now: datetime | None = rows[0][0] if rows else None
    return now, [_model(Run, row[1:]) for row in rows]


def steps_around(
    *, whole: Collection[UUID], step_ids: Collection[UUID], execution_ids: Collection[UUID]
) -> list[tuple[str | None, Any, Step]]:
    """All steps of the runs in `whole` and the given steps, no elements of maps but the given ones.

    With the status and the error of their executions, where these are among `execution_ids`.
    """
    asked = [list(execution_ids), list(whole), list(execution_ids), list(step_ids), list(whole)]
    rows = statements.run(_AROUND.replace("{columns}", _columns(Step)), asked)
    return [(row[0], _loaded(row[1]), _model(Step, row[2:])) for row in rows]


@cache
def _columns(model: type[models.Model]) -> str:
    return ", ".join(f'row."{field.column}"' for field in model._meta.concrete_fields)


@cache
def _readers(model: type[models.Model]) -> tuple[tuple[str, bool], ...]:
    fields = model._meta.concrete_fields
    return tuple((field.attname, isinstance(field, models.JSONField)) for field in fields)


def _model(model: type[Row], row: Sequence[Any]) -> Row:
    readers = _readers(model)
    values = [
        _loaded(value) if is_json else value
        for (_, is_json), value in zip(readers, row, strict=True)
    ]
    return model.from_db(connection.alias, [name for name, _ in readers], values)


def _loaded(value: Any) -> Any:
    """Django leaves it to the fields of models to read JSON."""
    return json.loads(value) if isinstance(value, str) else value
