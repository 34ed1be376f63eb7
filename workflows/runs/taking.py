"""Which elements of a map a re-run takes over: the preview asks it, and the map when it begins.

Floor 4.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from workflows.definition import MapStep
from workflows.models import Run, Step
from workflows.runs import downstream, elements, plans
from workflows.runs.asked import Asked
from workflows.runs.scope import Scopes
from workflows.states import STEP_PASSED


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """What the elements of a map were in the run that is repeated, by their places now.

    `kept` are those whose results are taken over: they have passed, would be asked for the same now, and
    so would people in their sub-runs.
    """

    before: dict[int | None, Step]
    kept: frozenset[int | None]

    @property
    def left(self) -> dict[int | None, Step]:
        """What those were before that are executed again, and call the same kind of thing."""
        return {place: one for place, one in self.before.items() if place not in self.kept}

    @property
    def keys(self) -> dict[int | None, str]:
        """What those send downstream again."""
        found = downstream.kept(self.left.values())
        return {place: found[one.id] for place, one in self.left.items()}


def nothing() -> Earlier:
    """What the elements were where that is not known."""
    return Earlier(before={}, kept=frozenset())


def earlier(fresh: Sequence[Step], *, old: Run, now: Asked, scopes: Scopes, what: str) -> Earlier:
    """Look at the elements of the old run; only a re-run from what has failed takes any over."""
    name = now.definition.name
    matched = elements.matched(fresh, Step.objects.elements(old.id, name))
    kinds = {one.kind for one in fresh}
    before = {place: one for place, one in matched.items() if one.kind in kinds}
    plan = plans.of(old.version_id)
    definition = plan.definition.steps.get(name)
    may_keep = what == "from_failed"
    if not may_keep or not isinstance(definition, MapStep):
        return Earlier(before=before, kept=frozenset())
    then = Asked(plan=plan, definition=definition, variables=variables_of(old, name, scopes=scopes))
    is_same = now.comparison(then)
    asks_anew = overtaken({one.child_id for one in before.values() if one.child_id is not None})
    kept = {
        one.element
        for one in fresh
        if (was := before.get(one.element)) is not None
        and was.status in STEP_PASSED
        and was.child_id not in asks_anew
        and is_same(one, was)
    }
    return Earlier(before=before, kept=frozenset(kept))


def variables_of(run: Run, name: str, *, scopes: Scopes) -> dict[str, object]:
    """What the expressions of a step of that run saw."""
    plan = plans.of(run.version_id)
    needs = plan.needs(name)
    scopes.read((run.id, need) for need in needs)
    return dict(scopes.variables(run, needs))


def overtaken(sub_runs: Collection[UUID]) -> set[UUID]:
    """Those of these in which, or below which, people were asked something else than they would be now.

    Their workflows have other versions by now, in which the approval, or the schema of the params that
    it is about, is not as it was.
    """
    found = Run.objects.answered(sub_runs) if sub_runs else []
    return {one.top for one in found if not _stands(one.version_id, one.active_id, one.step)}


def _stands(version_id: int, active_id: int | None, step: str) -> bool:
    if active_id is None:
        return False
    then, now = plans.of(version_id).definition, plans.of(active_id).definition
    is_same = then.steps[step] == now.steps.get(step)
    return is_same and then.params_schema == now.params_schema
