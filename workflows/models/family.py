"""What a run has from runs before it: what its steps have called there, and whose results it has.

Floor 2.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

# A run, those that it repeats and all that repeat one of these.
_FAMILY = """
WITH RECURSIVE up AS (
    SELECT id, rerun_of_id FROM workflows_run WHERE id = %s
    UNION
    SELECT run.id, run.rerun_of_id FROM up JOIN workflows_run AS run ON run.id = up.rerun_of_id
), family AS (
    SELECT id FROM up WHERE rerun_of_id IS NULL
    UNION
    SELECT run.id FROM family JOIN workflows_run AS run ON run.rerun_of_id = family.id
)
"""
# The sub-runs of all of them too, at any depth, with the step of the family under which they stand.
_CALLED = f"""
{_FAMILY}, below AS (
    SELECT run.id, step.name
    FROM family JOIN workflows_run AS run ON run.parent_id = family.id
    JOIN workflows_step AS step ON step.id = run.parent_step_id
    UNION ALL
    SELECT run.id, below.name FROM below JOIN workflows_run AS run ON run.parent_id = below.id
)
SELECT step.name, execution.version_id
FROM family JOIN actions_execution AS execution ON execution.run_id = family.id
JOIN workflows_step AS step ON step.id = execution.step_id
WHERE execution.attempt_count > 0
UNION
SELECT below.name, execution.version_id
FROM below JOIN actions_execution AS execution ON execution.run_id = below.id
WHERE execution.attempt_count > 0 AND execution.step_id IS NOT NULL
"""
# Of those that came after a run the newest that goes on, or has reached outside in a step.
_LATER = f"""
{_FAMILY}, later AS (
    SELECT run.id, run.finished_at FROM family JOIN workflows_run AS run ON run.id = family.id
    WHERE run.id > %s
), below AS (
    SELECT run.id, later.id AS top
    FROM later JOIN workflows_run AS run ON run.parent_id = later.id
    JOIN workflows_step AS step ON step.id = run.parent_step_id AND step.name = %s
    UNION ALL
    SELECT run.id, below.top FROM below JOIN workflows_run AS run ON run.parent_id = below.id
), called AS (
    SELECT later.id AS top, execution.version_id
    FROM later JOIN actions_execution AS execution ON execution.run_id = later.id
    JOIN workflows_step AS step ON step.id = execution.step_id AND step.name = %s
    WHERE execution.attempt_count > 0
    UNION
    SELECT below.top, execution.version_id
    FROM below JOIN actions_execution AS execution ON execution.run_id = below.id
    WHERE execution.attempt_count > 0
)
SELECT id FROM (
    SELECT id FROM later WHERE finished_at IS NULL
    UNION
    SELECT called.top FROM called JOIN actions_actionversion AS version
      ON version.id = called.version_id AND version.effect = 'external'
) AS found (id) ORDER BY id DESC LIMIT 1
"""
# Back from one run to the one that it repeats, as long as a step was taken over there too.
_ORIGINS = """
WITH RECURSIVE origin AS (
    SELECT step.name, step.run_id, step.status, step.finished_at, run.rerun_of_id
    FROM workflows_step AS step JOIN workflows_run AS run ON run.id = step.run_id
    WHERE step.run_id = %s AND step.element IS NULL
    UNION ALL
    SELECT step.name, step.run_id, step.status, step.finished_at, run.rerun_of_id
    FROM origin JOIN workflows_run AS run ON run.id = origin.rerun_of_id
    JOIN workflows_step AS step
      ON step.run_id = run.id AND step.name = origin.name AND step.element IS NULL
    WHERE origin.status = 'reused'
)
SELECT name, run_id, finished_at FROM origin WHERE status = 'succeeded'
"""


class Origin(NamedTuple):
    """The run in which a step has succeeded, and when."""

    run_id: UUID
    at: datetime


def origins(run_id: UUID) -> dict[str, Origin]:
    """Where the results of the steps of a run come from, by their names: it or one before it."""
    with connection.cursor() as cursor:
        cursor.execute(_ORIGINS, [run_id])
        return {name: Origin(run, at) for name, run, at in cursor.fetchall()}


def called_before(run_id: UUID) -> dict[str, set[int]]:
    """The versions of the actions that were called, by the step of the run; sub-runs and elements too."""
    found: dict[str, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, [run_id])
        for name, version_id in cursor.fetchall():
            found.setdefault(name, set()).add(version_id)
    return found


def later_call(run_id: UUID, step: str) -> UUID | None:
    """The newest later run of the family that goes on, or has called something outside in that step."""
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [run_id, run_id, step, step])
        found = cursor.fetchone()
    return found[0] if found else None
