"""A run with all that its answer shows, read in a few statements whatever its size. Floor 5."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from actions.models import Execution, IdempotencyRecord
from workflows.models import Run, Step
from workflows.states import shown_status

# So many of the runs that were made of one are named.
RERUNS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class StepStanding:
    """One step, how it stands by its execution, and for a map the counts of its elements."""

    row: Step
    status: str
    elements: dict[str, int] | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One run with all that its answer shows."""

    run: Run
    steps: list[StepStanding]
    reruns: list[UUID]
    key_expires_at: datetime | None = None

    @property
    def pk(self) -> UUID:
        """The id of the run."""
        return self.run.id

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will start by itself any more."""
        return self.run.has_ended


def standing_of(run: Run) -> Standing:
    """The run as its rows say."""
    steps = list(Step.objects.of(run.id))
    begun = [step.execution_id for step in steps if step.status == "queued" and step.execution_id]
    executions = Execution.objects.statuses_of(begun) if begun else {}
    has_maps = any(step.kind == "map" for step in steps)
    tallies = Step.objects.tallies(run.id) if has_maps else {}
    return Standing(
        run=run,
        steps=[_step(step, executions=executions, tallies=tallies) for step in steps],
        reruns=[one.id for one in Run.objects.reruns_of(run.id)[:RERUNS_SHOWN]],
        key_expires_at=_expiry(run),
    )


def _expiry(run: Run) -> datetime | None:
    if run.idempotency_key is None or not run.has_ended:
        return None
    return IdempotencyRecord.objects.expiry_for_run(run.id)


def _step(
    row: Step,
    *,
    executions: dict[UUID, str],
    tallies: dict[str, dict[str, int]],
) -> StepStanding:
    status = executions.get(row.execution_id or row.run_id)
    nothing: dict[str, Any] = {"whole": 0, "passed": 0, "failed": 0}
    return StepStanding(
        row=row,
        status=shown_status(row.status, reason=row.reason, execution=status),
        elements=tallies.get(row.name, nothing) if row.kind == "map" else None,
    )
