"""What the expressions of a step see: the params of the run, what earlier steps led to, the run.

Floor 4.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from actions import expressions, vault
from actions.jsontypes import JSONObject
from actions.masking import Hidden
from actions.models import Execution
from workflows.models import Run, Step
from workflows.plan import Plan
from workflows.runs import given, plans
from workflows.states import StepStatus

_RUN_PARAMS = "params of the run"


class Scopes:
    """What was read of steps for expressions, by run; each is read once.

    `known` has the steps as they are in memory, perhaps newer than their rows; `store` writes them.
    Without `unseals` the secrets in params and results stay masked, for what is stored where it can
    be read.
    """

    def __init__(
        self,
        known: Mapping[tuple[UUID, str], Step],
        *,
        store: Callable[[], None],
        unseals: bool = True,
    ) -> None:
        self._known, self._store, self._unseals = known, store, unseals
        self._outcomes: dict[tuple[UUID, str], JSONObject] = {}
        self._attempts: dict[UUID, int] = {}
        self._params: dict[UUID, Any] = {}
        # Whether what was read holds anything that is sealed where it is stored.
        self.holds_secrets = False

    def note(self, step: Step) -> None:
        """A step has just ended: what was read of it is no longer true."""
        self._outcomes.pop((step.run_id, step.name), None)

    def read(self, wanted: Iterable[tuple[UUID, str]]) -> None:
        """Read those that are not there yet; costs up to one statement for each way to a result."""
        # Not the difference with the keys of a dict, which goes through all of them.
        missing = {key for key in wanted if key not in self._outcomes}
        steps = [self._known[key] for key in missing & self._known.keys()]
        self._take([step for step in steps if step.kind != "map"])
        rest = {key for key in missing if key not in self._outcomes}
        if rest & self._known.keys():
            self._store()
        if rest:
            self._read_rows(rest)

    def _take(self, steps: list[Step]) -> None:
        """Steps in memory, with the results of their executions."""
        sources = {step.id: step.execution_id or step.reused_from for step in steps}
        asked = {sources[step.id] for step in steps if step.result is None} - {None}
        found = Execution.objects.results_of(asked) if asked else {}
        for step in steps:
            result = self._given(step.result, step.result_sealed, run_id=step.run_id)
            if result is None and sources[step.id] in found:
                execution = found[sources[step.id]]
                result = self._whole(*execution, execution_id=sources[step.id])
            self._outcomes[step.run_id, step.name] = {
                "status": str(step.status),
                "result": result,
                "error": step.error,
            }

    def _read_rows(self, wanted: set[tuple[UUID, str]]) -> None:
        rows = Step.objects.outcomes(wanted)
        maps: dict[tuple[UUID, str], list[Any]] = {
            (row["run_id"], row["name"]): [] for row in rows if row["kind"] == "map"
        }
        for element in Step.objects.elements_of(maps) if maps else ():
            maps[element["run_id"], element["name"]].append(element["result"])
        for row in rows:
            key = (row["run_id"], row["name"])
            result, own = row["result"], row["own_sealed"]
            if own is not None:
                result = self._given(result, own, run_id=row["run_id"])
            else:
                result = self._whole(result, row["sealed"], execution_id=row["execution_id"])
            self._outcomes[key] = {
                "status": row["status"],
                # A map has a result of its own only where it was taken over from another run.
                "result": maps[key] if key in maps and result is None else result,
                "error": row["error"],
            }

    def _whole(self, result: Any, sealed: Any, *, execution_id: object) -> Any:
        """A result, with the secrets that its mask hides if they may be in it."""
        self.holds_secrets |= sealed is not None
        parts = sealed if self._unseals else None
        return vault.with_parts(result, parts, of=vault.RESULT, execution_id=execution_id)

    def _given(self, result: Any, sealed: Any, *, run_id: UUID) -> Any:
        """The same of what an event or an answer has brought."""
        self.holds_secrets |= sealed is not None
        return given.whole(result, sealed if self._unseals else None, run_id=run_id)

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
            "attempt": self._attempt_of(run),
        }
        self.holds_secrets |= run.params_sealed is not None
        return {"params": self._params_of(run, plan), "steps": steps, "run": about} | own

    def _params_of(self, run: Run, plan: Plan) -> Any:
        if run.id not in self._params:
            entered = params_of if self._unseals else shown_params_of
            self._params[run.id] = entered(run, plan)
        return self._params[run.id]

    def _attempt_of(self, run: Run) -> int:
        if run.id not in self._attempts:
            self._attempts[run.id] = Run.objects.attempt_after(run.rerun_of_id)
        return self._attempts[run.id]


_NOTHING_YET: JSONObject = {"status": str(StepStatus.PENDING), "result": None, "error": None}
# What is seen of a step that is left out.
SKIPPED: JSONObject = {"status": str(StepStatus.SKIPPED), "result": None, "error": None}


def params_of(run: Run, plan: Plan) -> Any:
    """The params of a run as they were sent, with the numbers as the schema has them."""
    return expressions.entered(plan.definition.params_schema, kept_params_of(run))


def shown_params_of(run: Run, plan: Plan) -> Any:
    """The same with the masks in the places of secrets."""
    return expressions.entered(plan.definition.params_schema, run.params)


def kept_params_of(run: Run) -> Any:
    """The params of a run as they were kept, with the defaults of the schema; raises VaultLocked."""
    return vault.with_parts(run.params, run.params_sealed, of=_RUN_PARAMS, execution_id=run.id)


def hidden_params_of(run: Run) -> list[Hidden]:
    """What is sealed in the params of a run; raises VaultLocked."""
    return vault.unsealed_parts(run.params_sealed, of=_RUN_PARAMS, execution_id=run.id)


def sealed_params(run_id: UUID, hidden: list[Hidden]) -> bytes | None:
    """What the masks in the params of a run stand for, sealed."""
    return vault.sealed_parts(hidden, of=_RUN_PARAMS, execution_id=run_id)
