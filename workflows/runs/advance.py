"""Start what finished steps made ready: the middle of a run's story.

Floor 4. It happens in the transaction that ends the step, so a run is never between two steps.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from actions import faults
from actions.executions import commands, followers
from actions.executions.followers import Ended, Lane
from actions.ids import PREFIX_RUN, show
from actions.jsontypes import JSONObject
from actions.states import ExecutionStatus
from workflows.definition import SwitchStep
from workflows.errors import RunNotFound
from workflows.models import Run, Step
from workflows.runs import begin, blocked, finish, maps, plans, reading
from workflows.runs.passage import Passage
from workflows.states import STEP_FAILED, STEP_PASSED, RunStatus, StepStatus

# Of a run with so few steps all of them are read at once, which saves the later questions.
SMALL = 64

_ENDS = {
    ExecutionStatus.SUCCEEDED: StepStatus.SUCCEEDED,
    ExecutionStatus.FAILED: StepStatus.FAILED,
    ExecutionStatus.CANCELLED: StepStatus.CANCELLED,
}


class RunFollower:
    """Hears from the executions of steps."""

    def __init__(self) -> None:
        self._locked = threading.local()

    def lock(self, run_ids: Collection[UUID]) -> None:
        """Lock the runs, and those whose steps they are; they are kept for `follow`."""
        self._locked.passage = _passage_of(run_ids)

    def step_names(self, step_ids: Collection[UUID]) -> dict[UUID, str]:
        """What these steps are called, elements with their numbers."""
        return {step.id: str(step) for step in Step.objects.names_of(step_ids)}

    def follow(self, ended: Sequence[Ended]) -> set[Lane]:
        """End the steps of executions that have ended, and go on from there."""
        faults.reach("advance.before")
        passage: Passage = self._locked.passage
        for status, error, step in _read_steps(passage, ended):
            # An execution of an earlier generation has none of these any more.
            if status is not None and step.status == StepStatus.QUEUED:
                run = passage.runs[step.run_id]
                passage.end(run, step, _ENDS[ExecutionStatus(status)], error=error)
        go_on(passage)
        faults.reach("advance.after")
        return passage.lanes

    def take_back(self, actions: Collection[str]) -> set[Lane]:
        """Have the steps go on that wait for these actions."""
        return blocked.ask(actions)


def _passage_of(run_ids: Collection[UUID]) -> Passage:
    now, runs = reading.lock(run_ids)
    return Passage(runs, now=now)


def _read_steps(passage: Passage, ended: Sequence[Ended]) -> list[tuple[str | None, Any, Step]]:
    """The steps that have ended; of small runs all steps are read with them."""
    runs = {passage.runs[one.run_id] for one in ended}
    small = [run.id for run in runs if len(passage.plan(run).definition.steps) <= SMALL]
    found = reading.steps_around(
        whole=small,
        step_ids=[one.step_id for one in ended],
        execution_ids=[one.execution_id for one in ended],
        actions=plans.actions_of(passage.plan(run) for run in runs),
    )
    passage.know(step for _, _, step in found.steps if step.element is None)
    passage.know_whole(small)
    passage.know_actions(found.actions)
    return found.steps


@contextmanager
def on_locked_run(run_id: UUID) -> Iterator[tuple[Passage, Run]]:
    """Change a run, and go on from there, in one transaction; raises RunNotFound.

    Its sub-runs are locked with it, and may be changed too. Of a command whose key is refused the note
    is kept.
    """
    with (
        commands.in_transaction(),
        on_locked_runs([run_id, *Run.objects.tree_of(run_id)]) as passage,
    ):
        if run_id not in passage.runs:
            raise RunNotFound(f"There is no run {show(PREFIX_RUN, run_id)}.")
        yield passage, passage.runs[run_id]


@contextmanager
def on_locked_runs(run_ids: Collection[UUID]) -> Iterator[Passage]:
    """Change these runs, and go on from there, in the caller's transaction."""
    passage = _passage_of(run_ids)
    yield passage
    go_on(passage)
    followers.wake_for(passage.lanes)


def go_on(passage: Passage) -> None:
    """From what has ended to what begins, until nothing follows; then write it all."""
    while passage.ended or passage.ready or passage.unsettled:
        while passage.ended or passage.ready:
            _tell_those_behind(passage)
            _begin_what_is_ready(passage)
        finish.close_runs(passage)
    passage.store()


def _tell_those_behind(passage: Passage) -> None:
    ended, passage.ended = passage.ended, []
    elements = [one for one in ended if one[1].element is not None]
    maps.count(passage, elements)
    whole = [one for one in ended if one[1].element is None]
    passage.load(
        (run.id, name)
        for run, step in whole
        for name in passage.plan(run).graph.successors.get(step.name, ())
    )
    for run, step in whole:
        _tell_successors(passage, run, step)


def _tell_successors(passage: Passage, run: Run, step: Step) -> None:
    """Those behind a step that has passed or was skipped wait for one less."""
    plan = passage.plan(run)
    has_failed = step.status in STEP_FAILED
    if has_failed and not step.is_optional and plan.definition.on_failure == "stop":
        run.is_stopping = True
    has_passed = step.status in STEP_PASSED or (has_failed and step.is_optional)
    if not has_passed and step.status != StepStatus.SKIPPED:
        return
    for name in plan.graph.successors.get(step.name, ()):
        behind = passage.step(run, name)
        if behind.status == StepStatus.PENDING:
            is_passed = has_passed and _is_chosen(passage, step, name)
            _hear(passage, run, behind, has_passed=is_passed)


def _hear(passage: Passage, run: Run, behind: Step, *, has_passed: bool) -> None:
    behind.waits_for -= 1
    is_first = has_passed and not behind.has_passed
    behind.has_passed = behind.has_passed or has_passed
    passage.change(behind)
    if passage.plan(run).step(behind.name).join == "any":
        is_ready = is_first
    else:
        is_ready = behind.waits_for == 0 and behind.has_passed
    if is_ready:
        passage.ready.append((run, behind))
    elif behind.waits_for == 0 and not behind.has_passed:
        passage.end(run, behind, StepStatus.SKIPPED)


def _is_chosen(passage: Passage, step: Step, name: str) -> bool:
    """Whether a step lies on the way that a switch has taken; true behind any other step."""
    definition = passage.plan(passage.runs[step.run_id]).step(step.name)
    if not isinstance(definition, SwitchStep) or name not in definition.targets:
        return True
    chosen: JSONObject = step.result or {}
    return name in chosen.get("chosen", ())  # type: ignore[operator]  # a switch's own result


def _may_begin(run: Run, step: Step) -> bool:
    """Not if the run is queued or ending, nor if the step has been taken over from another run."""
    is_ending = run.is_stopping or run.cancel_requested_at is not None
    may = not is_ending and run.status != RunStatus.QUEUED
    return may and step.status == StepStatus.PENDING


def _begin_what_is_ready(passage: Passage) -> None:
    ready, passage.ready = passage.ready, []
    ready = [one for one in ready if _may_begin(*one)]
    passage.scopes.read(
        (run.id, name) for run, step in ready for name in passage.plan(run).needs(step.name)
    )
    for run, step in ready:
        begin.begin(passage, run, step)
