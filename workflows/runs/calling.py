"""Ask for what a step calls: the execution of an action, or a run of another workflow.

Floor 4.
"""

from collections.abc import Mapping
from typing import Any

from workflows.definition import CallingStep
from workflows.models import Run, Step
from workflows.runs import calls, subruns
from workflows.runs.passage import Passage


def call(
    passage: Passage, run: Run, step: Step, *, definition: CallingStep, variables: Mapping[str, Any]
) -> None:
    """Begin the step, or the element, with its params; raises ExpressionFailed and StepRefused."""
    params = passage.plan(run).params(definition, variables)
    if definition.call.called == "workflow":
        subruns.begin(passage, run, step, params=params)
    else:
        calls.execute(passage, run, step, params=params, variables=variables)
