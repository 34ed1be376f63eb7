"""Cancel, pause and resume runs.

Floor 4. Nothing that runs is torn off: it is asked to stop, or finished.
"""

from uuid import UUID

from actions.actors import SYSTEM, Actor
from actions.executions.cancel import cancel_many
from actions.jsontypes import JSON, JSONObject
from actions.models import Execution
from workflows import reasons
from workflows.errors import RunHasEnded
from workflows.models import Run, Step
from workflows.runs import finish, handlers, maps
from workflows.runs.advance import on_locked_run
from workflows.runs.keeper import done_before, remember
from workflows.runs.passage import Passage
from workflows.states import RunEventType, StepStatus, is_undo


def cancel(*, run_id: UUID, by: Actor, reason: str = "", key: str | None = None) -> Run:
    """Cancel a run and its sub-runs: what waits ends at once, what runs is asked to stop.

    What undoes steps already goes on. Asking again gives that up as far as it waits, for an action
    that cannot be executed, for its turn or for another try, and changes nothing else; with the same
    `key` it changes nothing, also once the run has ended. A cancelled run is not paused any more.
    Raises RunNotFound, RunHasEnded and IdempotencyKeyReused.
    """
    asked: JSONObject = {"cancel": {"reason": reason}}
    with on_locked_run(run_id) as (passage, run):
        before = done_before(run, key=key, asked=asked, by=by)
        if before is not None:
            return before
        _check_goes_on(run, "cancel")
        remember(run, key=key, asked=asked)
        if run.cancel_requested_at is not None:
            _give_up_handlers(passage, run, by=by, reason=reason)
        cancel_within(passage, run, by=by, reason=reason)
    return run


def cancel_within(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    """Cancel a run and those below it, which are locked with it."""
    for one in [run, *_below(passage, run)]:
        _cancel(passage, one, by=by, reason=reason)
        if one.paused_at is not None and not one.has_ended:
            one.paused_at = None
            passage.touch(one.id)
            _begin_held_up(passage, one)


def stop(passage: Passage, run: Run, *, error: JSONObject) -> None:
    """Let a run fail as soon as what runs has stopped: for this, if it has no cause to fail yet."""
    cause = run.error or finish.cause_of(passage, run)
    run.is_stopping, run.error = True, cause or error | {"step": None, "attempt": None}
    passage.touch(run.id)
    _stop_steps(passage, run, by=SYSTEM, reason=str(error["message"]))
    for one in _below(passage, run):
        _cancel(passage, one, by=SYSTEM, reason=str(error["message"]))


def _cancel(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    if not run.has_ended and run.cancel_requested_at is None:
        run.cancel_requested_at = passage.now
        passage.log(run, RunEventType.CANCEL_REQUESTED, by=by, facts={"reason": reason})
        _stop_steps(passage, run, by=by, reason=reason)


def _give_up_handlers(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    """Give up what runs call in order to end, as far as it waits."""
    for one in [run, *_below(passage, run)]:
        called = [step for step in Step.objects.active([one.id]) if step.is_handler]
        due = Execution.objects.due_among([step.execution_id for step in called])
        waiting = [step for step in called if step.execution_id in due or not _has_work(step)]
        names: list[JSON] = [step.name for step in waiting]
        if one.cancel_requested_at is None or not waiting:
            continue
        facts: JSONObject = {"reason": reason, "gives_up": names}
        passage.log(one, RunEventType.CANCEL_REQUESTED, by=by, facts=facts)
        passage.giving_up.add(one.id)
        cancel_many(list(due), by=by, reason=reason)
        for step in waiting:
            passage.know([step])
            passage.end(one, passage.step(one, step.name), StepStatus.CANCELLED)


def _has_work(step: Step) -> bool:
    return step.status == StepStatus.QUEUED


def pause(*, run_id: UUID, by: Actor, note: str = "", key: str | None = None) -> Run:
    """Begin no more steps of a run and its sub-runs; what runs is finished.

    Pausing a paused one changes nothing, nor does the same `key` again, also once somebody has
    resumed it or it has ended. Raises RunNotFound, RunHasEnded and IdempotencyKeyReused.
    """
    asked: JSONObject = {"pause": {"note": note}}
    with on_locked_run(run_id) as (passage, run):
        before = done_before(run, key=key, asked=asked, by=by)
        if before is not None:
            return before
        _check_goes_on(run, "pause")
        remember(run, key=key, asked=asked)
        if run.paused_at is None:
            for one in [run, *_below(passage, run)]:
                _pause(passage, one, by=by, note=note)
    return run


def _pause(passage: Passage, run: Run, *, by: Actor, note: str) -> None:
    if run.paused_at is None and not run.has_ended:
        run.paused_at = passage.now
        passage.log(run, RunEventType.PAUSED, by=by, facts={"note": note})


def resume(*, run_id: UUID, by: Actor, note: str = "", key: str | None = None) -> Run:
    """Go on with a paused run and the sub-runs that were paused with it, from where they are.

    The same `key` again changes nothing, also once somebody has paused it again or it has ended.
    Raises RunNotFound, RunHasEnded and IdempotencyKeyReused.
    """
    asked: JSONObject = {"resume": {"note": note}}
    with on_locked_run(run_id) as (passage, run):
        before = done_before(run, key=key, asked=asked, by=by)
        if before is not None:
            return before
        _check_goes_on(run, "resume")
        remember(run, key=key, asked=asked)
        since = run.paused_at
        for one in [run, *_below(passage, run)]:
            if since is not None and one.paused_at == since and not one.has_ended:
                one.paused_at = None
                passage.log(one, RunEventType.RESUMED, by=by, facts={"note": note})
                _let_go(passage, one)
    return run


def _let_go(passage: Passage, run: Run) -> None:
    _begin_held_up(passage, run)
    maps.resume(passage, run)


def _begin_held_up(passage: Passage, run: Run) -> None:
    """Begin the steps whose turn came while the run was paused, if they have not ended since."""
    for row in Step.objects.active([run.id]).filter(reason=reasons.PAUSED).order_by("position"):
        passage.know([row])
        step = passage.step(run, row.name)
        if step.reason != reasons.PAUSED:
            continue
        step.status, step.reason = StepStatus.PENDING, ""
        if step.is_handler:
            handlers.call(passage, run, step)
        else:
            passage.ready.append((run, step))


def _stop_steps(passage: Passage, run: Run, *, by: Actor, reason: str) -> None:
    """End the steps that wait, cancel what is queued, and ask what runs to stop; not what undoes."""
    active = Step.objects.active_with_elements(run.id)
    steps = [step for step in active if not is_undo(step.name)]
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


def _below(passage: Passage, run: Run) -> list[Run]:
    """Its sub-runs and theirs, which are locked with it."""
    return [one for one in passage.runs.values() if _is_below(passage, one, run.id)]


def _is_below(passage: Passage, run: Run, top: UUID) -> bool:
    current: Run | None = run
    while current is not None and current.parent_id is not None:
        if current.parent_id == top:
            return True
        current = passage.runs.get(current.parent_id)
    return False
