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
from workflows.plan import Plan
from workflows.runs import calls, subruns, veils
from workflows.runs.calls import Given
from workflows.runs.passage import Passage


def call(
    passage: Passage, run: Run, step: Step, *, definition: CallingStep, variables: Mapping[str, Any]
) -> None:
    """Begin the step, or the element, with its params; raises ExpressionFailed and StepRefused."""
    params = passage.plan(run).params(definition, variables)
    shown = veils.veiled(passage, run, step, variables=variables)
    secrets = _secrets(passage.plan(run), definition, shown) if shown is not None else ()
    given = Given(params=params, secrets=secrets, shown=shown)
    if definition.call.called == "workflow":
        subruns.begin(passage, run, step, given=given)
    else:
        calls.execute(passage, run, step, given=given, variables=variables)


def _secrets(plan: Plan, definition: CallingStep, shown: Mapping[str, Any]) -> list[Hidden]:
    """What in the params of a step comes from what is sealed: where the masks get to."""
    try:
        return masking.masks_in(plan.params(definition, shown))
    except ExpressionFailed:
        # It computes with a secret; so all of it may be one.
        return [Hidden((name,), None) for name in definition.call.params]
