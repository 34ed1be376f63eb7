"""Say how a run stands after its steps have changed: it goes on, waits or has ended.

Floor 4.
"""

from collections import defaultdict
from uuid import UUID

from actions.actors import SYSTEM
from actions.executions.cancel import cancel_many
from actions.expressions import ExpressionFailed
from actions.jsontypes import JSONObject
from workflows import reasons
from workflows.models import Run, Step
from workflows.runs import calls, handlers, places
from workflows.runs.making import LOOK_AGAIN
from workflows.runs.passage import Passage
from workflows.states import RunEventType, RunStatus, StepStatus

_EVENTS = {
    RunStatus.SUCCEEDED: RunEventType.SUCCEEDED,
    RunStatus.FAILED: RunEventType.FAILED,
    RunStatus.CANCELLED: RunEventType.CANCELLED,
}

# What is said of a step that was cancelled by itself: its execution, or its sub-run.
_CANCELLED: JSONObject = {"code": "step_cancelled", "message": "somebody has stopped it."}
_STOPPED = "Another step of the run has failed."
_WORDS: dict[str, str] = {StepStatus.FAILED: "failed", StepStatus.CANCELLED: "was cancelled"}


def close_runs(passage: Passage) -> None:
    """End the runs in which nothing goes on any more; a sub-run ends the step that it is."""
    unsettled, passage.unsettled = passage.unsettled, set()
    live = [passage.runs[run_id] for run_id in sorted(unsettled)]
    live = [run for run in live if not run.has_ended and not places.is_held_up(run)]
    active: dict[UUID, list[Step]] = defaultdict(list)
    for step in passage.active_steps(live):
        active[step.run_id].append(step)
    live = [run for run in live if not _gives_up(passage, run, active[run.id])]
    for run in live:
        if active[run.id]:
            _go_on(passage, run, active[run.id])
    ending = [run for run in live if not active[run.id]]
    failed = _first_failures(passage, ending)
    for run in ending:
        _end(passage, run, failed=failed.get(run.id))


def _gives_up(passage: Passage, run: Run, active: list[Step]) -> bool:
    """Whether a run that starts nothing new gives up steps that only wait, or wait for their actions.

    What it calls in order to end, undoing and its failure handler, only if somebody has asked to.
    """
    if not run.is_stopping:
        return False
    may_wait = run.id not in passage.giving_up
    blocked = [step for step in active if step.blocked_on and not (step.is_handler and may_wait)]
    if any(step.kind == "map" for step in active):
        passage.store_steps()
        blocked += Step.objects.blocked_elements(run.id)
    given_up = blocked + _stopped_waiting(passage, active)
    for step in given_up:
        passage.end(run, step, StepStatus.CANCELLED)
    return bool(given_up)


def _stopped_waiting(passage: Passage, active: list[Step]) -> list[Step]:
    """The steps that wait for people, for events and for time alone."""
    timed = [step for step in active if step.reason == reasons.TIME]
    if timed:
        passage.store_steps()
    ids = [step.execution_id for step in timed if step.execution_id is not None]
    ended = cancel_many(ids, by=SYSTEM, reason=_STOPPED) if ids else ()
    asked = [step for step in active if step.reason in (reasons.APPROVAL, reasons.EVENT)]
    return asked + [step for step in timed if step.execution_id in ended]


def cause_of(passage: Passage, run: Run) -> JSONObject | None:
    """The error of the step for which a run that goes on will fail; None if there is none yet."""
    failed = _first_failures(passage, [run]).get(run.id)
    return _error_of(failed) if failed is not None else None


def _first_failures(passage: Passage, runs: list[Run]) -> dict[UUID, Step]:
    first: dict[UUID, Step] = {}
    for step in passage.failed_steps(runs):
        first.setdefault(step.run_id, step)
    return first


def _go_on(passage: Passage, run: Run, active: list[Step]) -> None:
    asked = [step for step in active if step.status == StepStatus.WAITING]
    timed = [step for step in active if step.reason == reasons.TIME]
    times = [step.wake_at for step in active if step.wake_at is not None]
    run.wake_at = min([*times, passage.now + LOOK_AGAIN])
    handler = next((step.name for step in active if step.is_handler), None)
    if run.cancel_requested_at is not None:
        run.status, run.reason = RunStatus.CANCELLING, reasons.CANCELLING
    elif run.paused_at is not None:
        run.status, run.reason = RunStatus.PAUSED, reasons.PAUSED
    elif handler is not None:
        run.status, run.reason = RunStatus.RUNNING, handlers.reason_of(handler)
    elif len(asked) + len(timed) == len(active):
        run.status, run.reason = RunStatus.WAITING, [*asked, *timed][0].reason
    else:
        run.status, run.reason = RunStatus.RUNNING, reasons.IN_PROGRESS


def _end(passage: Passage, run: Run, *, failed: Step | None) -> None:
    outcome = _outcome(passage, run, failed=failed)
    has_begun = run.status != RunStatus.QUEUED
    is_bad = has_begun and outcome != RunStatus.SUCCEEDED
    if is_bad and handlers.begin_next(passage, run, outcome):
        run.status, run.is_stopping = RunStatus.RUNNING, True
        return
    run.status = outcome
    run.reason, run.wake_at, run.paused_at, run.finished_at = "", None, None, passage.now
    facts: JSONObject = {"code": run.error["code"]} if run.error else {}
    passage.log(run, _EVENTS[RunStatus(run.status)], facts=facts)
    if run.waited_until is not None and run.waited_until > passage.now:
        passage.awaited.add(run.id)
    passage.over.add(run.id)
    if has_begun and run.concurrency_key is not None:
        calls.admit(passage, run)
    _end_step_above(passage, run)


def _outcome(passage: Passage, run: Run, *, failed: Step | None) -> RunStatus:
    if run.cancel_requested_at is not None:
        return RunStatus.CANCELLED
    run.error = run.error or (_error_of(failed) if failed else None)
    return RunStatus.FAILED if run.error else _made_result(passage, run)


def _made_result(passage: Passage, run: Run) -> RunStatus:
    plan = passage.plan(run)
    passage.shown.read((run.id, name) for name in plan.result_needs)
    try:
        run.result = plan.result(passage.shown.variables(run, plan.result_needs))
    except ExpressionFailed as wrong:
        message = f"Every step has ended well, but the result cannot be made: {wrong}"
        run.error = {"step": None, "attempt": None, "code": "expression_failed", "message": message}
        return RunStatus.FAILED
    return RunStatus.SUCCEEDED


def _error_of(failed: Step) -> JSONObject:
    """The step, the attempt and the cause, in one sentence."""
    error: JSONObject = failed.error or _CANCELLED
    attempt = error.get("attempt") or None
    tried = f" at attempt {attempt}" if attempt else ""
    return {
        "step": str(failed),
        "attempt": attempt,
        "code": error.get("code"),
        "message": f"Step {failed} {_WORDS[failed.status]}{tried}: {error.get('message')}",
    }


def _end_step_above(passage: Passage, run: Run) -> None:
    if run.parent_id is None or run.parent_step_id is None:
        return
    passage.store_steps()  # the step may have begun just now
    above, (step,) = passage.runs[run.parent_id], Step.objects.identified([run.parent_step_id])
    if step.element is None:
        passage.know([step])
        step = passage.step(above, step.name)
    if step.child_id != run.id or step.status != StepStatus.QUEUED:
        return
    match run.status:
        case RunStatus.SUCCEEDED:
            passage.end(above, step, StepStatus.SUCCEEDED, result=run.result)
        case RunStatus.FAILED:
            passage.end(above, step, StepStatus.FAILED, error=run.error)
        case _:
            passage.end(above, step, StepStatus.CANCELLED)
