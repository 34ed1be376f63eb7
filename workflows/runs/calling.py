"""Ask for what a step calls: the execution of an action, or a run of another workflow.

Floor 4.
"""

from collections.abc import Mapping
from typing import Any

from actions import masking
from actions.expressions import ExpressionFailed
from actions.masking import Hidden
from workflows.definition import CallingStep
from workflows.models import Run, Step
from workflows.runs import calls, subruns
from workflows.runs.calls import Given
from workflows.runs.passage import Passage


def call(
    passage: Passage, run: Run, step: Step, *, definition: CallingStep, variables: Mapping[str, Any]
) -> None:
    """Begin the step, or the element, with its params; raises ExpressionFailed and StepRefused."""
    given = Given(
        params=passage.plan(run).params(definition, variables),
        secrets=_secrets(passage, run, step, definition=definition, variables=variables),
    )
    if definition.call.called == "workflow":
        subruns.begin(passage, run, step, given=given)
    else:
        calls.execute(passage, run, step, given=given, variables=variables)


def _secrets(
    passage: Passage, run: Run, step: Step, *, definition: CallingStep, variables: Mapping[str, Any]
) -> list[Hidden]:
    """What in the params of a step comes from what is sealed: where the masks get to."""
    if not passage.scopes.holds_secrets:
        return []
    plan = passage.plan(run)
    needs = plan.needs(step.name)
    passage.shown.read((run.id, name) for name in needs)
    shown = passage.shown.variables(run, needs)
    try:
        return masking.masks_in(plan.params(definition, {**variables, **shown}))
    except ExpressionFailed:
        # It computes with a secret; so all of it may be one.
        return [Hidden((name,), None) for name in definition.call.params]
