"""Try a failed step again, in the same run.

Floor 4.
"""

from typing import NoReturn
from uuid import UUID

from actions.actors import Actor
from actions.errors import FieldProblem, ParamsInvalid
from actions.executions import idempotency
from actions.jsontypes import JSONObject
from workflows import reasons
from workflows.definition import StepKind
from workflows.errors import RunGoesOn
from workflows.models import Run, RunEvent, Step
from workflows.runs import calls, downstream, making, maps, places
from workflows.runs.advance import on_locked_run
from workflows.runs.keeper import done_before, remember
from workflows.runs.passage import Passage
from workflows.runs.reruns.wanting import wanted_reason
from workflows.runs.undone import Undone
from workflows.states import STEP_PASSED, RunEventType, RunStatus, StepStatus

_AGAIN = frozenset({StepStatus.FAILED, StepStatus.CANCELLED})

# Steps that only wait.
_WAITING = frozenset({StepKind.APPROVAL, StepKind.EVENT, StepKind.WAIT})


def step_again(
    *, run_id: UUID, step: str, by: Actor, reason: str = "", key: str | None = None
) -> Run:
    """Give a failed or cancelled step a new execution, in its run, which goes on from there.

    Of a map the elements that have not succeeded are executed; what had become ready when the run
    ended begins with it, and what waited then waits anew. The same `key` again changes nothing. Raises
    RunNotFound, RunGoesOn while the run has not ended, ParamsInvalid for a step that has not failed, where
    something that the run has done was undone, in it or in a re-run, and where a reason is missing,
    IdempotencyKeyReused, and ConcurrencyKeyHeld while other runs have the
    places of its key.
    """
    asked: JSONObject = {"step_again": {"step": step, "reason": reason}}
    with on_locked_run(run_id) as (passage, run):
        before = done_before(run, key=key, asked=asked, by=by)
        if before is not None:
            return before
        if not run.has_ended:
            raise RunGoesOn(f"{run.shown_id} is {run.status}; cancel it or wait for its end.")
        found = _failed_step(passage, run, step)
        _check(passage, run, found, reason=reason)
        places.check_room(run)
        facts: JSONObject = {"generation": found.generation + 1, "reason": reason}
        passage.log(run, RunEventType.STEP_RETRIED, step=found, by=by, facts=facts)
        remember(run, key=key, asked=asked)
        _open(passage, run)
        for one in (found, *_stopped_waiting(passage, run, found)):
            _begin_anew(passage, run, one)
        if found.kind == "map" and Step.objects.element_counts(found)["whole"]:
            found.status = StepStatus.QUEUED
            maps.again(passage, run, found)
        passage.ready += making.ready_steps(passage, run)
    return run


def _failed_step(passage: Passage, run: Run, name: str) -> Step:
    is_there = name in passage.plan(run).definition.steps
    passage.load([(run.id, name)] if is_there else [])
    if not is_there or passage.step(run, name).status not in _AGAIN:
        stands = f"is {passage.step(run, name).status}" if is_there else "is not there"
        _refuse(
            "not-failed",
            f"The step {name[:63]} {stands}; only failed and cancelled ones can be repeated.",
        )
    if run.parent_id is not None:
        _refuse("sub-run", f"{run.shown_id} is a step of another run; re-run that one.")
    return passage.step(run, name)


def _check(passage: Passage, run: Run, step: Step, *, reason: str) -> None:
    passage.know_all(run)
    undone = Undone(run.id)
    passed = [one for one in passage.all_steps(run) if one.status in STEP_PASSED]
    told = [f"{one.name} did {how}" for one in passed if (how := undone.told(one))]
    if told:
        _refuse(
            "undone",
            f"What {', what '.join(told[:5])}, so {run.shown_id} cannot go on; re-run it, which does "
            "that anew.",
        )
    wanted = wanted_reason(run, step)
    if wanted is not None and not reason.strip():
        _refuse("reason-required", wanted.why, pointer="/reason")


def _refuse(code: str, detail: str, *, pointer: str = "/step") -> NoReturn:
    problem = FieldProblem(pointer=pointer, code=code, detail=detail)
    raise ParamsInvalid(detail, errors=[problem])


def _open(passage: Passage, run: Run) -> None:
    """Let it go on after its end; its time begins anew."""
    run.status, run.reason = RunStatus.RUNNING, reasons.IN_PROGRESS
    run.error, run.result, run.finished_at = None, None, None
    run.is_stopping, run.cancel_requested_at, run.paused_at = False, None, None
    run.wake_at = passage.now + making.LOOK_AGAIN
    seconds = passage.plan(run).definition.timeout_seconds
    opening = RunEvent.objects.opening_count(run.id) + 1
    calls.limit(passage, run, None, seconds=seconds, opening=opening)
    idempotency.stop_retention_of_run(run.id)


def _stopped_waiting(passage: Passage, run: Run, found: Step) -> list[Step]:
    """What waited, and was cancelled when the run ended: it waits anew."""
    known = passage.all_steps(run)
    return [one for one in known if one is not found and _is_stopped_waiting(one)]


def _is_stopped_waiting(step: Step) -> bool:
    return step.status == StepStatus.CANCELLED and step.kind in _WAITING


def _begin_anew(passage: Passage, run: Run, step: Step) -> None:
    """A new generation: a new key goes downstream, unless nobody knows what the old one did."""
    step.downstream_key = downstream.kept([step])[step.id]
    step.generation += 1
    step.status, step.error, step.finished_at = StepStatus.PENDING, None, None
    step.execution_id = step.child_id = None
    passage.change(step)
    if step.is_optional:
        _take_back(passage, run, step)


def _take_back(passage: Passage, run: Run, step: Step) -> None:
    """Those behind it have counted its failure as an end, and will count its next one."""
    for name in passage.plan(run).graph.successors.get(step.name, ()):
        behind = passage.step(run, name)
        if behind.status == StepStatus.PENDING:
            behind.waits_for += 1
            passage.change(behind)
