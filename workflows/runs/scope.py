"""What the expressions of a step see: the params of the run, what earlier steps led to, the run.

Floor 4.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from actions import expressions, vault
from actions.jsontypes import JSONObject
from workflows.models import Run, Step
from workflows.plan import Plan
from workflows.runs import plans
from workflows.states import StepStatus

_RUN_PARAMS = "params of the run"


class Scopes:
    """What was read of steps for expressions, by run; each is read once."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[UUID, str], JSONObject] = {}
        self._fresh: dict[tuple[UUID, str], Step] = {}

    def note(self, step: Step) -> None:
        """A step has just ended, which its row does not say yet."""
        key = (step.run_id, step.name)
        self._outcomes.pop(key, None)
        if step.element is None:
            self._fresh[key] = step

    def read(self, wanted: Iterable[tuple[UUID, str]]) -> None:
        """Read those that are not known yet; costs one statement, and one more for maps."""
        missing = set(wanted) - self._outcomes.keys()
        if not missing:
            return
        rows = Step.objects.outcomes(missing)
        maps: dict[tuple[UUID, str], list[Any]] = {
            (row["run_id"], row["name"]): [] for row in rows if row["kind"] == "map"
        }
        for element in Step.objects.elements_of(maps) if maps else ():
            maps[element["run_id"], element["name"]].append(element["result"])
        for row in rows:
            key = (row["run_id"], row["name"])
            fresh = self._fresh.get(key)
            own = {} if fresh is None else {"status": str(fresh.status), "error": fresh.error}
            result = fresh.result if fresh is not None else None
            self._outcomes[key] = {
                "status": row["status"],
                "result": _whole(maps.get(key), row) if result is None else result,
                "error": row["error"],
            } | own

    def result_of(self, run_id: UUID, name: str) -> Any:
        """The result of a step that was read."""
        return self._outcomes[run_id, name]["result"]

    def variables(self, run: Run, needs: Iterable[str], **own: Any) -> Mapping[str, Any]:
        """The variables of an expression of this run that speaks of those steps."""
        plan = plans.of(run.version_id)
        steps = {name: self._outcomes.get((run.id, name), _NOTHING_YET) for name in needs}
        began = run.started_at or run.queued_at
        about = {
            "id": run.shown_id,
            "started_at": began.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "attempt": 1,
        }
        return {"params": params_of(run, plan), "steps": steps, "run": about} | own


_NOTHING_YET: JSONObject = {"status": str(StepStatus.PENDING), "result": None, "error": None}


def params_of(run: Run, plan: Plan) -> Any:
    """The params of a run as they were sent, with the numbers as the schema has them."""
    return expressions.entered(plan.definition.params_schema, kept_params_of(run))


def kept_params_of(run: Run) -> Any:
    """The params of a run as they were kept, with the defaults of the schema; raises VaultLocked."""
    sealed = None if run.params_sealed is None else bytes(run.params_sealed)
    return vault.with_parts(run.params, sealed, of=_RUN_PARAMS, execution_id=run.id)


def sealed_params(run_id: UUID, hidden: list[Any]) -> bytes | None:
    """What the masks in the params of a run stand for, sealed."""
    return vault.sealed_parts(hidden, of=_RUN_PARAMS, execution_id=run_id)


def _whole(elements: list[Any] | None, row: Mapping[str, Any]) -> Any:
    """What a map led to: its own row has it only where it was taken over from another run."""
    return _result(row) if elements is None or row["result"] is not None else elements


def _result(row: Mapping[str, Any]) -> Any:
    sealed = None if row["sealed"] is None else bytes(row["sealed"])
    return vault.with_parts(
        row["result"], sealed, of=vault.RESULT, execution_id=row["execution_id"]
    )
