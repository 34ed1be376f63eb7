"""Begin a step whose turn it is, each kind in its own way.

Floor 4. An expression that fails at run time fails its step, for good; it never skips it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actions.expressions import ExpressionFailed
from workflows import reasons, values
from workflows.definition import (
    ActionStep,
    ApprovalStep,
    EventStep,
    MapStep,
    SwitchStep,
    WaitStep,
    WorkflowStep,
)
from workflows.models import Run, Step
from workflows.runs import calling, calls, maps, signals, veils
from workflows.runs.passage import Passage
from workflows.runs.refusals import failing
from workflows.states import StepStatus

Variables = Mapping[str, Any]


def begin(passage: Passage, run: Run, step: Step) -> None:
    """Begin it, skip it if its condition is false, or end it if that is all there is to do."""
    if run.paused_at is not None:
        passage.begin(run, step, StepStatus.WAITING, reason=reasons.PAUSED)
        return
    plan = passage.plan(run)
    variables = passage.scopes.variables(run, plan.needs(step.name))
    with failing(passage, run, step):
        if _may_run(passage, run, step, variables=variables):
            _begin(passage, run, step, variables=variables)
        else:
            passage.end(run, step, StepStatus.SKIPPED)


def _may_run(passage: Passage, run: Run, step: Step, *, variables: Variables) -> bool:
    condition = passage.plan(run).step(step.name).when
    return condition is None or _truth(passage, run, condition, variables=variables)


def _truth(passage: Passage, run: Run, source: str, *, variables: Variables) -> bool:
    """What a condition says; raises ExpressionFailed, also if it is neither true nor false."""
    value = passage.plan(run).evaluate(source, variables)
    if not isinstance(value, bool):
        raise ExpressionFailed(f"The condition {source!r:.200} gives neither true nor false.")
    return value


def _begin(passage: Passage, run: Run, step: Step, *, variables: Variables) -> None:
    match passage.plan(run).step(step.name):
        case ActionStep() | WorkflowStep() as definition:
            calling.call(passage, run, step, definition=definition, variables=variables)
        case MapStep():
            maps.expand(passage, run, step, variables=variables)
        case WaitStep() as definition:
            until = _end_of_wait(passage, run, definition, variables=variables)
            calls.wait(passage, run, step, until=until)
        case SwitchStep() as definition:
            chosen = _chosen(passage, run, definition, variables=variables)
            passage.end(run, step, StepStatus.SUCCEEDED, result={"chosen": list(chosen)})
        case ApprovalStep() as definition:
            shown = veils.veiled(passage, run, step, variables=variables)
            step.question = passage.plan(run).message(definition, shown or variables)
            passage.begin(run, step, StepStatus.WAITING, reason=reasons.APPROVAL)
            calls.limit(passage, run, step, seconds=definition.timeout_seconds)
        case EventStep() as definition:
            signals.expect(passage, run, step, definition=definition)


def _chosen(
    passage: Passage, run: Run, definition: SwitchStep, *, variables: Variables
) -> tuple[str, ...]:
    for case in definition.cases:
        if _truth(passage, run, case.when, variables=variables):
            return case.then
    return definition.otherwise


def _end_of_wait(
    passage: Passage, run: Run, definition: WaitStep, *, variables: Variables
) -> datetime:
    plan = passage.plan(run)
    if definition.until is not None:
        return values.moment(definition.until, plan.evaluate(definition.until, variables))
    said = definition.duration
    seconds = plan.evaluate(said, variables) if isinstance(said, str) else said
    return passage.now + values.span(str(said), seconds)
