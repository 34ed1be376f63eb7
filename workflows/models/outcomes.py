"""What the steps of runs led to, with the results of their executions, as expressions see it.

Floor 2.
"""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection

# What expressions see of steps, those of a map as a list in the order of its elements.
_OUTCOMES = """
SELECT step.run_id, step.name, step.status, step.kind,
    coalesce(step.result, execution.result, reused.result) AS result,
    coalesce(execution.id, reused.id) AS execution_id,
    coalesce(execution.result_sealed, reused.result_sealed) AS sealed,
    step.result_sealed AS own_sealed, step.error
FROM unnest(%s::uuid[], %s::text[]) AS wanted (run_id, name)
JOIN workflows_step AS step ON step.run_id = wanted.run_id AND step.name = wanted.name
LEFT JOIN actions_execution AS execution ON execution.id = step.execution_id
LEFT JOIN actions_execution AS reused ON reused.id = step.reused_from
WHERE step.element IS NULL
"""
_ELEMENTS = """
SELECT step.run_id, step.name, coalesce(step.result, execution.result) AS result
FROM unnest(%s::uuid[], %s::text[]) AS wanted (run_id, name)
JOIN workflows_step AS step ON step.run_id = wanted.run_id AND step.name = wanted.name
LEFT JOIN actions_execution AS execution
    ON execution.id = coalesce(step.execution_id, step.reused_from)
WHERE step.element IS NOT NULL ORDER BY step.run_id, step.name, step.element
"""
_JSON = {"result", "error"}


def of_steps(wanted: Collection[tuple[UUID, str]]) -> list[dict[str, Any]]:
    """Of the steps of those names: run_id, name, status, kind, result, error, and what is sealed of an
    execution's result as `sealed`, of an answer's or event's as `own_sealed`.
    """
    return _rows(_OUTCOMES, wanted)


def of_elements(wanted: Collection[tuple[UUID, str]]) -> list[dict[str, Any]]:
    """Of the elements of those maps, in their order: run_id, name, result."""
    return _rows(_ELEMENTS, wanted)


def _rows(statement: str, wanted: Collection[tuple[UUID, str]]) -> list[dict[str, Any]]:
    runs, names = zip(*wanted, strict=True) if wanted else ((), ())
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(runs), list(names)])
        columns = [column.name for column in cursor.description]
        rows: list[dict[str, Any]] = [
            dict(zip(columns, row, strict=True)) for row in cursor.fetchall()
        ]
    for row in rows:
        # Django leaves it to the fields of models to read JSON.
        row |= {name: json.loads(row[name]) for name in _JSON & row.keys() if row[name]}
    return rows
