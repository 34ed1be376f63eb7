"""The elements of a map: what they are made of, and which of them are the same in two runs.

Floor 4.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from actions import canonical
from actions.expressions import ExpressionFailed
from workflows.definition import MapStep
from workflows.definition.kinds import MAX_ITEMS
from workflows.definition.scope import ELEMENT
from workflows.models import Step
from workflows.plan import MAX_MAP_BYTES, Plan
from workflows.runs import veils
from workflows.states import StepStatus

_MAX_KEY = 255
Variables = Mapping[str, Any]


def made(
    plan: Plan, definition: MapStep, *, variables: Variables, shown: Variables | None
) -> list[Step]:
    """A row for each element, of no run yet; `shown` are the variables as they may be seen.

    Raises ExpressionFailed, also for elements that hold something secret.
    """
    values = _values(plan, definition, variables=variables, shown=shown)
    key_of = partial(_told_key, plan, definition, variables=variables, shown=shown)
    return [
        Step(
            name=definition.name,
            element=place,
            kind=definition.call.called,
            status=StepStatus.PENDING,
            waits_for=0,
            value=value,
            item_key=key_of({"item": value, "index": place}),
        )
        for place, value in enumerate(values)
    ]


def matched(fresh: Iterable[Step], old: Iterable[Step]) -> dict[int | None, Step]:
    """For the places of those that were there in an earlier run what they were there.

    An element is known again by its key, or else by its value and how often that came before.
    """
    known = _by_identity(old)
    found = ((element.element, known.get(name)) for name, element in _by_identity(fresh).items())
    return {place: before for place, before in found if before is not None}


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


def _values(
    plan: Plan, definition: MapStep, *, variables: Variables, shown: Variables | None
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


def _key(plan: Plan, definition: MapStep, variables: Variables) -> str:
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
    own: Variables,
    *,
    variables: Variables,
    shown: Variables | None,
) -> str:
    """The key of an element, which `own` is; its digest if something secret is in it."""
    return veils.told(
        partial(_key, plan, definition),
        {**variables, **own},
        shown=None if shown is None else {**shown, **own},
        name=f"{plan.definition.workflow} {definition.name}",
    )
