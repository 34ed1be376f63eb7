"""What a run shares with the runs that re-runs link to it: calls, results, and what was undone of them.

Floor 2.
"""

from collections.abc import Collection
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
)
"""
# The sub-runs of all of them too, at any depth, with the step of the family under which they stand.
_CALLED = """
{known}, below AS (
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
""".replace("{known}", _FAMILY)
# An effect is known by what made it: the execution or the sub-run whose result a step has.
_UNDOINGS = f"""
{_FAMILY}SELECT coalesce(made.execution_id, made.reused_from, made.child_id), undo.run_id, undo.id, undo.status
FROM family JOIN workflows_step AS undo
  ON undo.run_id = family.id AND undo.name LIKE '{UNDO}%%' AND undo.element IS NULL
JOIN workflows_step AS made
  ON made.run_id = undo.run_id AND made.name = substr(undo.name, {len(UNDO) + 1})
 AND made.element IS NULL
WHERE undo.status <> 'skipped' ORDER BY undo.id
"""  # noqa: S608  # see above
# The effects that other runs stand on which have succeeded, or go on and are not about to end badly.
_RELIED_ON = """
{known}SELECT effect, array_agg(run_id ORDER BY run_id) FROM (
    SELECT coalesce(step.execution_id, step.reused_from, step.child_id) AS effect, run.id AS run_id
    FROM family JOIN workflows_run AS run ON run.id = family.id AND run.id <> %s
     AND (run.status = 'succeeded' OR (
        run.finished_at IS NULL AND NOT run.is_stopping AND run.cancel_requested_at IS NULL))
    JOIN workflows_step AS step ON step.run_id = run.id AND step.element IS NULL
     AND step.status IN ('succeeded', 'reused')
) AS relied WHERE effect IS NOT NULL GROUP BY effect
""".replace("{known}", _FAMILY)
# Of those that came after a run the newest that goes on, or has reached outside in a step.
_LATER = """
{known}, later AS (
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
""".replace("{known}", _FAMILY)
# Back from one run to the one that it repeats, as long as a step was taken over there too.
_ORIGIN = """
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
"""
_ORIGINS = """
{known}
SELECT name, run_id, finished_at FROM origin WHERE status = 'succeeded'
""".replace("{known}", _ORIGIN)
_SUB_RUNS = """
{known}
SELECT step.name, step.child_id FROM origin
JOIN workflows_step AS step ON step.run_id = origin.run_id AND step.name = origin.name
WHERE origin.status = 'succeeded' AND step.child_id IS NOT NULL
""".replace("{known}", _ORIGIN)
# Where people have answered below these runs, in versions that are not the active ones any more.
_ANSWERED = """
WITH RECURSIVE below AS (
    SELECT id, id AS top FROM unnest(%s::uuid[]) AS given (id)
    UNION ALL
    SELECT run.id, below.top FROM below JOIN workflows_run AS run ON run.parent_id = below.id
    JOIN workflows_step AS above ON above.id = run.parent_step_id AND above.child_id = run.id
)
SELECT below.top, run.version_id, workflow.active_id, step.name
FROM below JOIN workflows_run AS run ON run.id = below.id
JOIN workflows_workflow AS workflow ON workflow.name = run.workflow_name
JOIN workflows_step AS step ON step.run_id = run.id
WHERE workflow.active_id IS DISTINCT FROM run.version_id
  AND step.kind = 'approval' AND step.status = 'succeeded'
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


def relied_on(run_id: UUID) -> dict[UUID, list[UUID]]:
    """By the executions and sub-runs that had effects the linked runs that go on or succeeded with them."""
    with connection.cursor() as cursor:
        cursor.execute(_RELIED_ON, [run_id, run_id])
        return dict(cursor.fetchall())


class Answered(NamedTuple):
    """An approval that was answered in the run `top` or below it, in a version that has been replaced."""

    top: UUID
    version_id: int
    active_id: int | None
    step: str


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


def sub_runs(run_id: UUID) -> dict[str, set[UUID]]:
    """By the steps of a run the sub-runs that their results come from, those of elements too."""
    found: dict[str, set[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUB_RUNS, [run_id])
        for name, child_id in cursor.fetchall():
            found.setdefault(name, set()).add(child_id)
    return found


def answered(tops: Collection[UUID]) -> list[Answered]:
    """The approvals that were answered in these runs, or below, in versions since replaced."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [list(tops)])
        return [Answered(*row) for row in cursor.fetchall()]
