"""Cancel, pause and resume runs.

Floor 4. Nothing that runs is torn off: it is asked to stop, or finished.
"""

from uuid import UUID

from actions.actors import SYSTEM, Actor
from actions.executions.cancel import cancel_many
from actions.jsontypes import JSON, JSONObject
from workflows import reasons
from workflows.errors import RunHasEnded
from workflows.models import Run, Step
from workflows.runs import maps
from workflows.runs.advance import on_locked_run
from workflows.runs.keeper import done_before, remember
from workflows.runs.passage import Passage
from workflows.states import RunEventType, StepStatus


def cancel(*, run_id: UUID, by: Actor, reason: str = "", key: str | None = None) -> Run:
    """Cancel a run and its sub-runs: what waits ends at once, what runs is asked to stop.

    Asking again gives up what the run calls in order to end, as far as that waits for an action that
    cannot be executed, and changes nothing else; with the same `key` it changes nothing, also once
    the run has ended. Raises RunNotFound, RunHasEnded and IdempotencyKeyReused.
    """
    asked: JSONObject = {"cancel": {"reason": reason}}
    with on_locked_run(run_id) as (passage, run):
        if done_before(run, key=key, asked=asked):
            return run
        _check_goes_on(run, "cancel")
        remember(run, key=key, asked=asked)
        cancel_within(passage, run, by=by, reason=reason)
    return run


def cancel_within(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    """Cancel a run and those below it, which are locked with it."""
    for one in list(passage.runs.values()):
        if one.id == run.id or _is_below(passage, one, run.id):
            _cancel(passage, one, by=by, reason=reason)


def stop(passage: Passage, run: Run, *, error: JSONObject) -> None:
    """Let a run fail for a reason of its own, as soon as what runs has stopped."""
    run.is_stopping, run.error = True, {"step": None, "attempt": None} | error
    _stop_steps(passage, run, by=SYSTEM, reason=str(error["message"]))
    for one in list(passage.runs.values()):
        if _is_below(passage, one, run.id):
            _cancel(passage, one, by=SYSTEM, reason=str(error["message"]))


def _cancel(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    if run.has_ended:
        return
    facts: JSONObject = {"reason": reason}
    if run.cancel_requested_at is None:
        run.cancel_requested_at = passage.now
        passage.log(run, RunEventType.CANCEL_REQUESTED, by=by, facts=facts)
        _stop_steps(passage, run, by=by, reason=reason)
    elif given_up := _blocked_handlers(run):
        passage.log(run, RunEventType.CANCEL_REQUESTED, by=by, facts=facts | {"gives_up": given_up})
        passage.giving_up.add(run.id)


def _blocked_handlers(run: Run) -> list[JSON]:
    """The names of what the run calls in order to end and what waits for an action."""
    active = Step.objects.active([run.id])
    return [step.name for step in active if step.is_handler and step.blocked_on]


def pause(*, run_id: UUID, by: Actor, note: str = "", key: str | None = None) -> Run:
    """Begin no more steps of a run; what runs is finished. Pausing a paused one changes nothing.

    Nor does the same `key` again, also once somebody has resumed it or it has ended. Raises
    RunNotFound, RunHasEnded and IdempotencyKeyReused.
    """
    asked: JSONObject = {"pause": {"note": note}}
    with on_locked_run(run_id) as (passage, run):
        if done_before(run, key=key, asked=asked):
            return run
        _check_goes_on(run, "pause")
        remember(run, key=key, asked=asked)
        if run.paused_at is None:
            run.paused_at = passage.now
            passage.log(run, RunEventType.PAUSED, by=by, facts={"note": note})
    return run


def resume(*, run_id: UUID, by: Actor, note: str = "", key: str | None = None) -> Run:
    """Go on with a paused run, from where it was held up.

    The same `key` again changes nothing, also once somebody has paused it again or it has ended.
    Raises RunNotFound, RunHasEnded and IdempotencyKeyReused.
    """
    asked: JSONObject = {"resume": {"note": note}}
    with on_locked_run(run_id) as (passage, run):
        if done_before(run, key=key, asked=asked):
            return run
        _check_goes_on(run, "resume")
        remember(run, key=key, asked=asked)
        if run.paused_at is not None:
            run.paused_at = None
            passage.log(run, RunEventType.RESUMED, by=by, facts={"note": note})
            _let_go(passage, run)
    return run


def _let_go(passage: Passage, run: Run) -> None:
    held = Step.objects.active([run.id]).filter(reason=reasons.PAUSED)
    for step in held.order_by("position"):
        step.status, step.reason = StepStatus.PENDING, ""
        passage.know([step])
        passage.ready.append((run, passage.step(run, step.name)))
    maps.resume(passage, run)


def _stop_steps(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    """End the steps that wait, cancel what is queued, and ask what runs to stop."""
    steps = list(Step.objects.active_with_elements(run.id))
    ids = [step.execution_id for step in steps if step.execution_id is not None]
    ended = cancel_many(ids, by=by, reason=reason)
    for step in steps:
        passage.know([step] if step.element is None else [])
        if step.status == StepStatus.WAITING or step.execution_id in ended:
            passage.end(run, step, StepStatus.CANCELLED)


def _check_goes_on(run: Run, what: str) -> None:
    if run.has_ended:
        raise RunHasEnded(
            f"{run.shown_id} has already ended as {run.status}; there is nothing to {what}."
        )


def _is_below(passage: Passage, run: Run, top: UUID) -> bool:
    current = run
    while current.parent_id is not None:
        if current.parent_id == top:
            return True
        current = passage.runs[current.parent_id]
    return False
