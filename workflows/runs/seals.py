"""Whether a version may have the params of an older run: what was sealed in them stays sealed.

Floor 4. In params of steps the seal goes along; a key, a question or an element of a map has none.
"""

from collections.abc import Sequence

from actions import masking
from actions.errors import FieldProblem, ParamsInvalid
from actions.jsontypes import JSONObject
from actions.masking import Hidden
from workflows import definitions
from workflows.models import Run, WorkflowVersion
from workflows.runs import scope

# Where a secret may get to: it is sealed there, or seen masked.
_SAFE = frozenset({"params", "result"})


def sealed_before(old: Run, *, version: WorkflowVersion) -> list[Hidden]:
    """What is sealed in the params of an older run.

    Raises ParamsInvalid if the version would store it elsewhere in plain, VaultLocked.
    """
    sealed, own = scope.hidden_params_of(old), version.document.get("params", {})
    if not _hides(own, masking.filled(old.params, sealed), sealed):
        _check(version, masking.marking(own, sealed))
    return sealed


def _hides(schema: JSONObject, params: JSONObject, sealed: Sequence[Hidden]) -> bool:
    paths = {one.path for one in masking.split(params, schema).hidden} if sealed else set()
    return all(any(one.path[:n] in paths for n in range(len(one.path) + 1)) for one in sealed)


def _check(version: WorkflowVersion, marked: JSONObject) -> None:
    report = definitions.validate(version.document | {"params": marked})
    exposed = [
        one
        for one in report.errors
        if one.code == "secret-exposed" and _SAFE.isdisjoint(one.pointer.split("/"))
    ]
    if exposed:
        raise ParamsInvalid(
            f"Version {version.number} uses as if it were no secret what is sealed in the params of "
            f"the older run (at {exposed[0].pointer}); mark the param as secret there, or use "
            "another version.",
            errors=[FieldProblem(pointer="", code="secret-exposed", detail=exposed[0].detail)],
        )
