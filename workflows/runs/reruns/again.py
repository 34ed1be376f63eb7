"""Try a failed step again, in the same run.

Floor 4.
"""

from uuid import UUID

from actions.actors import Actor
from actions.errors import FieldProblem, ParamsInvalid
from actions.executions import idempotency
from actions.jsontypes import JSONObject
from actions.models import Execution
from workflows import reasons
from workflows.errors import RunGoesOn
from workflows.models import Run, Step
from workflows.runs import maps, places
from workflows.runs.advance import on_locked_run
from workflows.runs.making import LOOK_AGAIN
from workflows.runs.passage import Passage
from workflows.states import RunEventType, RunStatus, StepStatus

_AGAIN = frozenset({StepStatus.FAILED, StepStatus.CANCELLED})


def step_again(*, run_id: UUID, step: str, by: Actor, reason: str = "") -> Run:
    """Give a failed or cancelled step a new execution, in its run, which goes on from there.

    Of a map the elements that have not succeeded are executed. Raises RunNotFound, RunGoesOn while
    the run has not ended, ParamsInvalid for a step that has not failed, and ConcurrencyKeyHeld while
    other runs have the places of its key.
    """
    with on_locked_run(run_id) as (passage, run):
        if not run.has_ended:
            raise RunGoesOn(f"{run.shown_id} is {run.status}; cancel it or wait for its end.")
        found = _failed_step(passage, run, step)
        places.check_room(run)
        facts: JSONObject = {"generation": found.generation + 1, "reason": reason}
        passage.log(run, RunEventType.STEP_RETRIED, step=found, by=by, facts=facts)
        _open(passage, run)
        idempotency.stop_retention_of_run(run.id)
        _begin_anew(passage, found)
        if found.kind == "map" and Step.objects.element_counts(found)["whole"]:
            found.status = StepStatus.QUEUED
            maps.again(passage, run, found)
        else:
            passage.ready.append((run, found))
    return run


def _failed_step(passage: Passage, run: Run, name: str) -> Step:
    is_there = name in passage.plan(run).definition.steps
    passage.load([(run.id, name)] if is_there else [])
    if not is_there or passage.step(run, name).status not in _AGAIN:
        stands = f"is {passage.step(run, name).status}" if is_there else "is not there"
        detail = f"The step {name[:63]} {stands}; only failed and cancelled ones can be repeated."
        raise ParamsInvalid(
            detail, errors=[FieldProblem(pointer="/step", code="not-failed", detail=detail)]
        )
    if run.parent_id is not None:
        detail = f"{run.shown_id} is a step of another run; re-run that one."
        raise ParamsInvalid(
            detail, errors=[FieldProblem(pointer="/step", code="sub-run", detail=detail)]
        )
    return passage.step(run, name)


def _open(passage: Passage, run: Run) -> None:
    run.status, run.reason = RunStatus.RUNNING, reasons.IN_PROGRESS
    run.error, run.result, run.finished_at = None, None, None
    run.is_stopping, run.cancel_requested_at, run.paused_at = False, None, None
    run.wake_at = passage.now + LOOK_AGAIN


def _begin_anew(passage: Passage, step: Step) -> None:
    """A new generation: a new key goes downstream, unless nobody knows what the old one did."""
    ids = [step.execution_id] if step.execution_id is not None else []
    for execution in Execution.objects.filter(id__in=ids):
        is_unknown = (execution.error or {}).get("outcome") == "unknown"
        step.downstream_key = execution.downstream_key if is_unknown else ""
    step.generation += 1
    step.status, step.error, step.finished_at = StepStatus.PENDING, None, None
    step.execution_id = step.child_id = None
    passage.change(step)
