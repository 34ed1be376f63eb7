"""The elements of a map: what they are made of, and which of them are the same in two runs.

Floor 4.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from actions import canonical
from actions.expressions import ExpressionFailed
from workflows.definition import MapStep
from workflows.definition.kinds import MAX_ITEMS
from workflows.definition.scope import ELEMENT
from workflows.models import Step
from workflows.plan import MAX_MAP_BYTES, Plan
from workflows.states import StepStatus

_MAX_KEY = 255


def made(plan: Plan, definition: MapStep, *, variables: Mapping[str, Any]) -> list[Step]:
    """A row for each element, of no run yet; raises ExpressionFailed."""
    return [
        Step(
            name=definition.name,
            element=place,
            kind=definition.call.called,
            status=StepStatus.PENDING,
            waits_for=0,
            value=value,
            item_key=_key(plan, definition, {**variables, "item": value, "index": place}),
        )
        for place, value in enumerate(_checked(plan.elements(definition, variables), definition))
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


def _key(plan: Plan, definition: MapStep, variables: Mapping[str, Any]) -> str:
    if definition.item_key is None:
        return ""
    key = plan.evaluate(definition.item_key, variables, names=ELEMENT)
    if not isinstance(key, str | int) or len(str(key)) > _MAX_KEY:
        raise ExpressionFailed(
            f"{definition.item_key!r:.200} gives no text for element {variables['index']}."
        )
    return str(key)
