"""What a run shares with the runs that re-runs link to it: calls, results, and what was undone of them.

Floor 2.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from workflows.states import STEP_ACTIVE, UNDO, StepStatus

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
)"""
# With the sub-runs of all of them, at any depth, with the step of the family under which they stand.
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
"""  # noqa: S608  # constants
# An effect is known by what made it: the execution or the sub-run whose result a step has.
_UNDOINGS = f"""
{_FAMILY}
SELECT coalesce(made.execution_id, made.reused_from, made.child_id), undo.run_id, undo.id, undo.status
FROM family JOIN workflows_step AS undo
  ON undo.run_id = family.id AND undo.name LIKE '{UNDO}%%' AND undo.element IS NULL
JOIN workflows_step AS made
  ON made.run_id = undo.run_id AND made.name = substr(undo.name, {len(UNDO) + 1})
 AND made.element IS NULL
WHERE undo.status <> 'skipped' ORDER BY undo.id
"""  # noqa: S608  # see above
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


class Undoing(NamedTuple):
    """The step that undoes an effect, or was to, in which run that is, and how it stands."""

    run_id: UUID
    step_id: UUID
    status: str

    @property
    def stands(self) -> bool:
        """Whether the effect is undone by it, or is being undone."""
        return self.is_done or self.status in STEP_ACTIVE

    @property
    def is_done(self) -> bool:
        """Whether the effect is undone."""
        return self.status == StepStatus.SUCCEEDED


def undoings(run_id: UUID) -> dict[UUID, list[Undoing]]:
    """By the executions and sub-runs that had effects what undoes them, in it or a run linked to it."""
    found: dict[UUID, list[Undoing]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_UNDOINGS, [run_id])
        for effect, *undoing in cursor.fetchall():
            found.setdefault(effect, []).append(Undoing(*undoing))
    return found


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
