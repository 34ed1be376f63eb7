"""What is wrong with params, and what a body is given in the place of what was stored.

Floor 4. Where a secret may stand, a reference to one may: `{"$secret": "smtp-password"}` fits any
schema there, and is resolved when an attempt begins.
"""

from collections.abc import Callable
from typing import cast

from actions import canonical, masking, vault
from actions.errors import FieldProblem
from actions.executions.wish import Wish
from actions.jsontypes import JSONObject
from actions.masking import Hidden, Split
from actions.models import ActionVersion


def problems_of(wish: Wish) -> list[FieldProblem]:
    """What is wrong with the params that are sent; empty if nothing."""
    problems = masking.misfits(wish.version.params_schema, wish.params, marked=wish.marked_schema)
    problems += mask_problems(wish.split)
    references, action = wish.references, wish.action.name
    if not references:
        return problems
    exempt = {canonical.pointer_to(one.path) for one in references}
    rest = [problem for problem in problems if not _is_within(problem.pointer, exempt)]
    return rest + [_missing(one, action) for one in vault.missing(references, action=action)]


def resolved(
    params: JSONObject, *, version: ActionVersion, read_secret: Callable[[str], str]
) -> JSONObject:
    """The params with every secret in the place of its reference; raises what `read_secret` does."""
    references = masking.split(params, version.params_schema).references
    read = [Hidden(one.path, read_secret(vault.name_in(one.value))) for one in references]
    return cast("JSONObject", masking.filled(params, read)) if read else params


def _is_within(pointer: str, places: set[str]) -> bool:
    return any(pointer == place or pointer.startswith(f"{place}/") for place in places)


def mask_problems(split: Split) -> list[FieldProblem]:
    """The secrets of which there is only the mask."""
    return [only_a_mask(canonical.pointer_to(one.path)) for one in split.masks]


def only_a_mask(pointer: str) -> FieldProblem:
    """What is said of a mask that stands where a value should."""
    return FieldProblem(
        pointer=pointer,
        code="only-a-mask",
        detail="Is the mask that stands for a secret; send the secret itself.",
    )


def _missing(reference: Hidden, action: str) -> FieldProblem:
    name = vault.name_in(reference.value)[:63]
    return FieldProblem(
        pointer=canonical.pointer_to(reference.path),
        code="secret-not-found",
        detail=f"There is no secret {name!r} that {action} may read.",
    )
