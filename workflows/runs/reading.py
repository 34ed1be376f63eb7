"""Read the runs that are locked, and their steps, each by one prepared statement.

Floor 4, on the way of every step that ends.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from actions.executions import statements
from actions.models import Action
from workflows.models import Run, Step

Row = TypeVar("Row", bound=models.Model)

# By their ids, and the runs whose steps they are with them: whoever ends one ends perhaps another.
# And the first of those that they repeat: what it did may be theirs, and is undone by one of them.
_LOCK = """
WITH RECURSIVE above AS (
    SELECT id, parent_id, rerun_of_id, true AS is_wanted
    FROM workflows_run WHERE id = ANY(%s::uuid[])
    UNION
    SELECT run.id, run.parent_id, run.rerun_of_id,
        run.rerun_of_id IS NULL OR run.id IS NOT DISTINCT FROM above.parent_id
    FROM above JOIN workflows_run AS run
      ON run.id = ANY(ARRAY[CASE WHEN above.is_wanted THEN above.parent_id END, above.rerun_of_id])
)
SELECT clock_timestamp(), {columns} FROM workflows_run AS row
WHERE row.id IN (SELECT id FROM above WHERE is_wanted) ORDER BY row.id FOR NO KEY UPDATE
"""
_ACTIONS = """
SELECT jsonb_agg(jsonb_build_array({columns})) FROM actions_action WHERE name = ANY(%s::text[])
"""
_OF_ACTIONS = ("id", "name", "origin", "is_enabled", "disabled_note", "current_id")
_ACTIONS_NAMED = _ACTIONS.replace("{columns}", ", ".join(_OF_ACTIONS))
_MOMENT = "SELECT clock_timestamp(), ({actions})"
# How the executions of these steps have ended, for those that were asked for.
_AROUND = """
WITH known AS MATERIALIZED ({actions})
SELECT (SELECT * FROM known), execution.status, execution.error, {columns} FROM workflows_step AS row
LEFT JOIN actions_execution AS execution
    ON execution.id = row.execution_id AND execution.id = ANY(%s::uuid[])
WHERE row.run_id = ANY(%s::uuid[]) AND row.element IS NULL
UNION ALL
SELECT (SELECT * FROM known), execution.status, execution.error, {columns} FROM workflows_step AS row
LEFT JOIN actions_execution AS execution
    ON execution.id = row.execution_id AND execution.id = ANY(%s::uuid[])
WHERE row.id = ANY(%s::uuid[]) AND (row.element IS NOT NULL OR row.run_id <> ALL(%s::uuid[]))
"""


def lock(run_ids: Collection[UUID]) -> tuple[datetime, list[Run]]:
    """Lock these runs, those above them and the first that each repeats, in one order for all.

    Returns the database's clock with them.
    """
    rows = statements.run(_LOCK.replace("{columns}", _columns(Run)), [list(run_ids)])
    now: datetime = rows[0][0] if rows else moment(actions=())[0]
    return now, [_model(Run, row[1:]) for row in rows]


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What was read around steps that have ended: how their executions stand, and the actions."""

    steps: list[tuple[str | None, Any, Step]]
    actions: dict[str, Action | None]


def steps_around(
    *,
    whole: Collection[UUID],
    step_ids: Collection[UUID],
    execution_ids: Collection[UUID],
    actions: Collection[str],
) -> Around:
    """All steps of the runs in `whole` and the given steps, no elements of maps but the given ones.

    With the status and the error of their executions, where these are among `execution_ids`, and
    with the actions of these names, None where there is none.
    """
    asked = [list(actions), list(execution_ids), list(whole)]
    asked += [list(execution_ids), list(step_ids), list(whole)]
    rows = statements.run(_around(), asked)
    return Around(
        steps=[(row[1], _loaded(row[2]), _model(Step, row[3:])) for row in rows],
        actions=_catalogue(rows[0][0], names=actions) if rows else {},
    )


def moment(*, actions: Collection[str]) -> tuple[datetime, dict[str, Action | None]]:
    """The database's clock, and the actions of these names, None where there is none."""
    (row,) = statements.run(_MOMENT.replace("{actions}", _ACTIONS_NAMED), [list(actions)])
    return row[0], _catalogue(row[1], names=actions)


def _catalogue(found: Any, *, names: Collection[str]) -> dict[str, Action | None]:
    rows = [
        Action.from_db(connection.alias, _OF_ACTIONS, values) for values in _loaded(found) or []
    ]
    return dict.fromkeys(names) | {row.name: row for row in rows}


@cache
def _around() -> str:
    return _AROUND.replace("{actions}", _ACTIONS_NAMED).replace("{columns}", _columns(Step))


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
