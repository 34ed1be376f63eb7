"""The params of a re-run: those that were sent, or those of the old run, and what differs.

Floor 4. A mask that stands where the old run has a secret means that secret; anywhere else it is
refused, so that no step is ever given the mask itself.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from actions import canonical, masking
from actions.actors import SYSTEM
from actions.errors import FieldProblem, ParamsInvalid, misfit
from actions.executions.params import only_a_mask
from actions.jsontypes import JSON, JSONObject
from workflows.models import Run, WorkflowVersion
from workflows.runs import making, plans, scope

_ABSENT: Any = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class ParamChange:
    """A param, or a part of one, that is not as in the old run; secrets are masked."""

    pointer: str
    kind: Literal["added", "removed", "changed"]
    before: JSON
    after: JSON


def given(run: Run, version: WorkflowVersion, sent: JSONObject | None) -> JSONObject:
    """The params with which a re-run in that version would begin, with the defaults of its schema.

    Raises ParamsInvalid for what does not fit, with the places below `/params`, and where the version
    would use a secret of the old run as if it were none.
    """
    old = scope.kept_params_of(run)
    marked = _marked(run, run.version)
    whole = old if sent is None else masking.restored(sent, original=old, schema=marked)
    wish = making.RunWish(version=version, params=whole, by=SYSTEM).repeating(run)
    problems = making.problems_of(wish) + _left_over_masks(old, wish)
    if problems:
        placed = {one.pointer: replace(one, pointer=f"/params{one.pointer}") for one in problems}
        message = misfit(problems, of=f"version {version.number}")
        raise ParamsInvalid(message, errors=list(placed.values()))
    return wish.whole_params


def shown(run: Run, version: WorkflowVersion, now: JSONObject) -> JSONObject:
    """What may be seen of them: what is sealed in those of the old run is masked in any version."""
    found: JSONObject = masking.masked(now, schema=_marked(run, version))
    return found


def _marked(run: Run, version: WorkflowVersion) -> JSONObject:
    own = plans.of(version.id).definition.params_schema
    return masking.marking(own, scope.hidden_params_of(run))


def changes(run: Run, version: WorkflowVersion, now: JSONObject) -> tuple[ParamChange, ...]:
    """What differs from the params of the old run, by place; at most the first hundred."""
    old = scope.kept_params_of(run)
    before, after = masking.masked(old, schema=_marked(run, run.version)), shown(run, version, now)
    schemas = [_marked(run, one) for one in (run.version, version)]
    return tuple(
        _change(pointer, _at(before, pointer), _at(after, pointer))
        for pointer in masking.differences(old, now, schemas=schemas)
    )


def _change(pointer: str, before: Any, after: Any) -> ParamChange:
    was, is_now = before is not _ABSENT, after is not _ABSENT
    return ParamChange(
        pointer=pointer,
        kind="changed" if was and is_now else "removed" if was else "added",
        before=before if was else None,
        after=after if is_now else None,
    )


def _left_over_masks(old: JSONObject, wish: making.RunWish) -> list[FieldProblem]:
    now = wish.whole_params
    told = partial(masking.told_path, value=now, schema=wish.marked_schema)
    differing = set(canonical.differing_fields(old, now))
    found = (one for one in masking.masks_in(now) if one.value == masking.MASK)
    return [
        only_a_mask(canonical.pointer_to(told(one.path)))
        for one in found
        if any(canonical.pointer_to(one.path[:n]) in differing for n in range(len(one.path) + 1))
    ]


def _at(value: Any, pointer: str) -> Any:
    return canonical.value_at(value, pointer, otherwise=_ABSENT)
