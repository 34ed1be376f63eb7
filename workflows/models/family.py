"""What the steps of a run have called before: in it, and in all runs that were made of one another.

Floor 2.
"""

from uuid import UUID

from django.db import connection

# A run, those that it repeats and all that repeat one of these; then the sub-runs of all of them, at
# any depth, with the step of the family under which they stand.
_CALLED = """
WITH RECURSIVE up AS (
    SELECT id, rerun_of_id FROM workflows_run WHERE id = %s
    UNION
    SELECT run.id, run.rerun_of_id FROM up JOIN workflows_run AS run ON run.id = up.rerun_of_id
), family AS (
    SELECT id FROM up WHERE rerun_of_id IS NULL
    UNION
    SELECT run.id FROM family JOIN workflows_run AS run ON run.rerun_of_id = family.id
), below AS (
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


def called_before(run_id: UUID) -> dict[str, set[int]]:
    """The versions of the actions that were called, by the step of the run; sub-runs and elements too."""
    found: dict[str, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, [run_id])
        for name, version_id in cursor.fetchall():
            found.setdefault(name, set()).add(version_id)
    return found
