"""Which elements of a map a re-run takes over: the preview asks it, and the map when it begins.

Floor 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.definition import MapStep
from workflows.models import Run, Step
from workflows.runs import elements, plans, scope
from workflows.runs.asked import Asked
from workflows.runs.scope import Scopes
from workflows.states import STEP_PASSED


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """What the elements of a map were in the run that is repeated, by their places now.

    `kept` are those whose results are taken over: they have passed and not been undone, and would
    be asked for the same now.
    """

    before: dict[int | None, Step]
    kept: frozenset[int | None]


def earlier(fresh: Sequence[Step], *, old: Run, now: Asked, scopes: Scopes, what: str) -> Earlier:
    """Look at the elements of the old run; only a re-run from what has failed takes any over."""
    name = now.definition.name
    before = elements.matched(fresh, Step.objects.elements(old.id, name))
    plan = plans.of(old.version_id)
    definition = plan.definition.steps.get(name)
    may_keep = what == "from_failed" and not Step.objects.was_undone(old.id, name)
    if not may_keep or not isinstance(definition, MapStep):
        return Earlier(before=before, kept=frozenset())
    then = Asked(plan=plan, definition=definition, variables=variables_of(old, name, scopes=scopes))
    kept = {
        one.element
        for one in fresh
        if (was := before.get(one.element)) is not None
        and was.status in STEP_PASSED
        and then.of_element(was) == now.of_element(one)
    }
    return Earlier(before=before, kept=frozenset(kept))


def variables_of(run: Run, name: str, *, scopes: Scopes) -> dict[str, object]:
    """What the expressions of a step of that run saw."""
    plan = plans.of(run.version_id)
    needs = plan.needs(name)
    scopes.read((run.id, need) for need in needs)
    return {**scopes.variables(run, needs), "params": scope.params_of(run, plan)}
