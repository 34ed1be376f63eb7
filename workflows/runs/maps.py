"""Maps: one execution for each element of a list.

Floor 4. The list is frozen when the map begins. An element has a row of its own and ends as a step
does; the row of the map counts them.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from workflows.definition import MapStep
from workflows.models import Run, Step
from workflows.runs import calling, calls, downstream, elements, taking, veils
from workflows.runs.asked import Asked
from workflows.runs.passage import Passage
from workflows.runs.refusals import error_of, failing
from workflows.states import STEP_PASSED, StepStatus


def expand(passage: Passage, run: Run, step: Step, *, variables: Mapping[str, Any]) -> None:
    """Make the elements of a map, and begin as many of them as may run at once."""
    plan, definition = passage.plan(run), _definition(passage, run, step)
    if definition.call.called == "action":
        calls.available(passage, definition.call.name)
    shown = veils.veiled(passage, run, step, variables=variables)
    made = elements.made(plan, definition, variables=variables, shown=shown)
    if not made:
        passage.end(run, step, StepStatus.SUCCEEDED)
        return
    step.open_count, step.failed_count = len(made), 0
    passage.begin(run, step, StepStatus.QUEUED)
    for element in made:
        element.run_id, element.position = run.id, step.position
    passage.add_steps(made)
    asked = Asked(plan=plan, definition=definition, variables=variables, shown=shown)
    for element in _take_over(passage, run, made, asked=asked)[: definition.concurrency]:
        begin_element(passage, run, element, variables=variables)


def _take_over(passage: Passage, run: Run, made: list[Step], *, asked: Asked) -> list[Step]:
    """Give the elements what they keep of the run that this one repeats; those left to execute."""
    if run.rerun_of_id is None:
        return made
    old, what = Run.objects.get(id=run.rerun_of_id), str((run.rerun or {}).get("what"))
    found = taking.earlier(made, old=old, now=asked, scopes=passage.scopes, what=what)
    fresh = [element for element in made if element.element not in found.kept]
    for element in made:
        if element.element in found.kept:
            before = found.before[element.element]
            element.child_id = before.child_id
            element.reused_from = before.execution_id or before.reused_from
            passage.end(run, element, StepStatus.REUSED, result=before.result)
    for element in fresh:
        element.downstream_key = found.keys.get(element.element, "")
    return fresh


def unblock(passage: Passage, run: Run, element: Step) -> None:
    """Begin an element that has waited for its action."""
    needs = passage.plan(run).needs(element.name)
    passage.scopes.read((run.id, name) for name in needs)
    begin_element(passage, run, element, variables=passage.scopes.variables(run, needs))


def again(passage: Passage, run: Run, whole: Step) -> None:
    """Execute the elements of a map that have not passed, in the same run."""
    definition, needs = _definition(passage, run, whole), passage.plan(run).needs(whole.name)
    failed = [
        one for one in Step.objects.elements(run.id, whole.name) if one.status not in STEP_PASSED
    ]
    whole.open_count, whole.failed_count = len(failed), 0
    keys = downstream.kept(failed)
    for element in failed:
        element.downstream_key = keys[element.id]
        element.status, element.error, element.finished_at = StepStatus.PENDING, None, None
        element.generation, element.execution_id, element.child_id = whole.generation, None, None
        passage.change(element)
    passage.scopes.read((run.id, name) for name in needs)
    variables = passage.scopes.variables(run, needs)
    for element in failed[: definition.concurrency]:
        begin_element(passage, run, element, variables=variables)


def begin_element(
    passage: Passage, run: Run, element: Step, *, variables: Mapping[str, Any]
) -> None:
    """Begin one element of a map."""
    definition = _definition(passage, run, element)
    own = {**variables, "item": element.value, "index": element.element}
    with failing(passage, run, element):
        calling.call(passage, run, element, definition=definition, variables=own)


def count(passage: Passage, ended: Sequence[tuple[Run, Step]]) -> None:
    """Note that elements have ended: begin the next ones, or end their map."""
    passage.load((run.id, element.name) for run, element in ended)
    freed: dict[UUID, tuple[Run, Step, int]] = {}
    for run, element in ended:
        whole = passage.step(run, element.name)
        whole.open_count -= 1
        whole.failed_count += int(element.status not in STEP_PASSED)
        passage.change(whole)
        seen = freed[whole.id][2] if whole.id in freed else 0
        freed[whole.id] = (run, whole, seen + 1)
    for run, whole, room in freed.values():
        if whole.status == StepStatus.QUEUED:
            _go_on(passage, run, whole, room=room)


def resume(passage: Passage, run: Run) -> None:
    """Begin as many elements of the maps of a run as may run at once, after it was paused."""
    for whole in Step.objects.active([run.id]).filter(kind="map"):
        passage.know([whole])
        definition = _definition(passage, run, whole)
        if definition.concurrency is not None:
            active = Step.objects.active_element_count(whole)
            _begin_next(passage, run, whole, room=definition.concurrency - active)


def _go_on(passage: Passage, run: Run, whole: Step, *, room: int) -> None:
    definition = _definition(passage, run, whole)
    has_failed = whole.failed_count > definition.tolerated_failures
    if whole.open_count == 0:
        _end(passage, run, whole, has_failed=has_failed)
        return
    is_over = has_failed or run.is_stopping or run.cancel_requested_at is not None
    if is_over:
        _end_early(passage, run, whole)
    elif definition.concurrency is not None and run.paused_at is None:
        _begin_next(passage, run, whole, room=room)


def _begin_next(passage: Passage, run: Run, whole: Step, *, room: int) -> None:
    passage.store_steps()
    waiting = Step.objects.held_back(whole, room)
    needs = passage.plan(run).needs(whole.name)
    passage.scopes.read((run.id, name) for name in needs)
    variables = passage.scopes.variables(run, needs)
    for element in waiting:
        begin_element(passage, run, element, variables=variables)


def _end_early(passage: Passage, run: Run, whole: Step) -> None:
    """No more elements begin; the map ends with the last of those that have."""
    passage.store_steps()
    if not Step.objects.active_element_count(whole):
        _end(passage, run, whole, has_failed=True)


def _end(passage: Passage, run: Run, whole: Step, *, has_failed: bool) -> None:
    if not has_failed:
        passage.end(run, whole, StepStatus.SUCCEEDED)
        return
    failed = whole.failed_count
    is_stopped = run.is_stopping and failed <= _definition(passage, run, whole).tolerated_failures
    if run.cancel_requested_at is not None or is_stopped:
        # By somebody, or because another step has failed.
        passage.end(run, whole, StepStatus.CANCELLED)
        return
    message = f"{failed:,} {'element' if failed == 1 else 'elements'} of {whole.name} failed."
    error = error_of(code="elements_failed", message=message)
    passage.end(run, whole, StepStatus.FAILED, error=error)


def _definition(passage: Passage, run: Run, step: Step) -> MapStep:
    definition = passage.plan(run).step(step.name)
    assert isinstance(definition, MapStep)  # noqa: S101  # only maps have elements
    return definition
