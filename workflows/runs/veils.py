"""What may be seen of the variables of a step: the same with masks in the places of secrets.

Floor 4. A text that is stored where it can be read is made twice; where a secret has changed it, its
digest is stored instead.
"""

from collections.abc import Callable, Mapping
from typing import Any

from actions.executions import digests
from actions.expressions import ExpressionFailed
from workflows.models import Run, Step
from workflows.runs.passage import Passage

Variables = Mapping[str, Any]


def veiled(passage: Passage, run: Run, step: Step, *, variables: Variables) -> Variables | None:
    """The variables of a step with masks in the places of secrets; None if there are none."""
    if not passage.scopes.holds_secrets:
        return None
    needs = passage.plan(run).needs(step.name)
    passage.shown.read((run.id, name) for name in needs)
    return {**variables, **passage.shown.variables(run, needs)}


def told(
    make: Callable[[Variables], str], variables: Variables, *, shown: Variables | None, name: str
) -> str:
    """What is made of the variables; its digest where the masks in `shown` change it."""
    text = make(variables)
    try:
        is_open = shown is None or make(shown) == text
    except ExpressionFailed:
        is_open = False
    return text if is_open else digests.of_secret(text, name=name)
