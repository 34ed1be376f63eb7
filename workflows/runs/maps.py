"""Maps: one execution for each element of a list.

Floor 4. The list is frozen when the map begins. An element has a row of its own and ends as a step
does; the row of the map counts them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from actions import canonical
from actions.expressions import ExpressionFailed
from workflows.definition import MapStep
from workflows.definition.kinds import MAX_ITEMS
from workflows.definition.scope import ELEMENT
from workflows.models import Run, Step
from workflows.plan import MAX_MAP_BYTES, Plan
from workflows.runs import calling, calls, veils
from workflows.runs.passage import Passage
from workflows.runs.refusals import error_of, failing
from workflows.states import STEP_PASSED, StepStatus

_MAX_KEY = 255


def expand(passage: Passage, run: Run, step: Step, *, variables: Mapping[str, Any]) -> None:
    """Make the elements of a map, and begin as many of them as may run at once."""
    plan, definition = passage.plan(run), _definition(passage, run, step)
    if definition.call.called == "action":
        calls.available(passage, definition.call.name)
    shown = veils.veiled(passage, run, step, variables=variables)
    values = _values(plan, definition, variables=variables, shown=shown)
    if not values:
        passage.end(run, step, StepStatus.SUCCEEDED)
        return
    step.open_count, step.failed_count = len(values), 0
    passage.begin(run, step, StepStatus.QUEUED)
    key_of = partial(_told_key, plan, definition, variables=variables, shown=shown)
    elements = [
        Step(
            run_id=run.id,
            name=step.name,
            element=place,
            kind=definition.call.called,
            position=step.position,
            status=StepStatus.PENDING,
            waits_for=0,
            value=value,
            item_key=key_of({"item": value, "index": place}),
        )
        for place, value in enumerate(values)
    ]
    passage.add_steps(elements)
    fresh = elements_to_execute(passage, run, elements)
    for element in fresh[: definition.concurrency]:
        begin_element(passage, run, element, variables=variables)


def elements_to_execute(passage: Passage, run: Run, elements: list[Step]) -> list[Step]:
    """Those that do not have the result of an element of the run that this one repeats.

    An element is known again by its key, or else by its value and how often that came before.
    """
    if run.rerun is None or run.rerun.get("what") != "from_failed" or run.rerun_of_id is None:
        return elements
    old = _by_identity(Step.objects.elements(run.rerun_of_id, elements[0].name))
    fresh = []
    for identity, element in _by_identity(elements).items():
        before = old.get(identity)
        if before is not None and before.status in STEP_PASSED:
            element.reused_from = before.execution_id or before.reused_from
            passage.end(run, element, StepStatus.REUSED, result=before.result)
        else:
            fresh.append(element)
    return fresh


def unblock(passage: Passage, run: Run, element: Step) -> None:
    """Begin an element that has waited for its action."""
    needs = passage.plan(run).needs(element.name)
    passage.scopes.read((run.id, name) for name in needs)
    begin_element(passage, run, element, variables=passage.scopes.variables(run, needs))


def again(passage: Passage, run: Run, whole: Step) -> None:
    """Execute the elements of a map that have not passed, in the same run."""
    definition, needs = _definition(passage, run, whole), passage.plan(run).needs(whole.name)
    elements = [
        one for one in Step.objects.elements(run.id, whole.name) if one.status not in STEP_PASSED
    ]
    whole.open_count, whole.failed_count = len(elements), 0
    for element in elements:
        element.status, element.error, element.finished_at = StepStatus.PENDING, None, None
        element.generation, element.execution_id, element.child_id = whole.generation, None, None
        passage.change(element)
    passage.scopes.read((run.id, name) for name in needs)
    variables = passage.scopes.variables(run, needs)
    for element in elements[: definition.concurrency]:
        begin_element(passage, run, element, variables=variables)


def _by_identity(elements: Iterable[Step]) -> dict[tuple[str, int], Step]:
    seen: Counter[str] = Counter()
    found = {}
    for element in elements:
        name = f"key {element.item_key}" if element.item_key else _digest(element.value)
        found[name, seen[name]] = element
        seen[name] += 1
    return found


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical.canonical(value)).hexdigest()


def begin_element(
    passage: Passage, run: Run, element: Step, *, variables: Mapping[str, Any]
) -> None:
    """Begin one element of a map."""
    definition = _definition(passage, run, element)
    own = {**variables, "item": element.value, "index": element.element}
    with failing(passage, run, element):
        calling.call(passage, run, element, definition=definition, variables=own)


def _values(
    plan: Plan,
    definition: MapStep,
    *,
    variables: Mapping[str, Any],
    shown: Mapping[str, Any] | None,
) -> list[Any]:
    """What the map goes over; nothing secret, since its elements are stored where they can be read."""
    values = _checked(plan.elements(definition, variables), definition)
    if shown is not None and plan.elements(definition, shown) != values:
        raise ExpressionFailed(
            f"{definition.over!r:.200} gives elements that hold something secret; what a map goes "
            "over can be read. Leave the secret out, and let each step read it."
        )
    return values


def _checked(values: Any, definition: MapStep) -> list[Any]:
    if not isinstance(values, list):
        raise ExpressionFailed(f"{definition.over!r:.200} gives no list.")
    size = len(canonical.canonical(values))
    if len(values) > MAX_ITEMS or size > MAX_MAP_BYTES:
        raise ExpressionFailed(
            f"{definition.over!r:.200} gives {len(values):,} elements of {size:,} bytes; at most "
            f"{MAX_ITEMS:,} of {MAX_MAP_BYTES:,} are allowed."
        )
    return values


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
    if run.cancel_requested_at is not None:
        passage.end(run, whole, StepStatus.CANCELLED)
        return
    message = f"{whole.failed_count:,} elements of {whole.name} failed."
    error = error_of(code="elements_failed", message=message)
    passage.end(run, whole, StepStatus.FAILED, error=error)


def _key(plan: Plan, definition: MapStep, variables: Mapping[str, Any]) -> str:
    if definition.item_key is None:
        return ""
    key = plan.evaluate(definition.item_key, variables, names=ELEMENT)
    if not isinstance(key, str | int) or len(str(key)) > _MAX_KEY:
        raise ExpressionFailed(
            f"{definition.item_key!r:.200} gives no text for element {variables['index']}."
        )
    return str(key)


def _told_key(
    plan: Plan,
    definition: MapStep,
    own: Mapping[str, Any],
    *,
    variables: Mapping[str, Any],
    shown: Mapping[str, Any] | None,
) -> str:
    """The key of an element, which `own` is; its digest if something secret is in it."""
    return veils.told(
        partial(_key, plan, definition),
        {**variables, **own},
        shown=None if shown is None else {**shown, **own},
        name=f"{plan.definition.workflow} {definition.name}",
    )


def _definition(passage: Passage, run: Run, step: Step) -> MapStep:
    definition = passage.plan(run).step(step.name)
    assert isinstance(definition, MapStep)  # noqa: S101  # only maps have elements
    return definition
