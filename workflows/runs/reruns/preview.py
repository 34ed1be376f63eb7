"""Say what a re-run would do, from the rows and the definition; nothing is changed.

Floor 4.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from actions import expressions, masking, schema
from actions.executions import terms
from actions.expressions import ExpressionFailed
from actions.models import Action, Execution
from workflows.definition import CallingStep, MapStep
from workflows.definition import Step as Definition
from workflows.errors import RunGoesOn
from workflows.models import Step, Workflow, WorkflowVersion
from workflows.plan import UNDO, Plan
from workflows.runs import gates, plans, scope
from workflows.runs.reruns.verdicts import Entry, Preview, RerunWish, Verdict
from workflows.runs.scope import Scopes
from workflows.states import STEP_PASSED, StepStatus


def preview(wish: RerunWish) -> Preview:
    """What the re-run would do with each step.

    Raises RunGoesOn while the run has not ended, and WorkflowArchived.
    """
    if not wish.run.has_ended:
        raise RunGoesOn(f"{wish.run.shown_id} is {wish.run.status}; cancel it or wait for its end.")
    gates.check_in_use(wish.run.workflow_name)
    version = wish.version or wish.run.version
    return _Judging(wish, version).preview()


class _Judging:
    """Looks at each step once."""

    def __init__(self, wish: RerunWish, version: WorkflowVersion) -> None:
        self._wish, self._version = wish, version
        self._plan: Plan = plans.of(version.id)
        self._old = {step.name: step for step in Step.objects.of(wish.run.id)}
        ids = [step.execution_id or step.reused_from for step in self._old.values()]
        found = Execution.objects.filter(id__in=[one for one in ids if one is not None])
        self._executions = {execution.id: execution for execution in found}
        self._again = self._executed_again()
        self._scopes = Scopes({}, store=lambda: None, unseals=False)

    def preview(self) -> Preview:
        """Put it together."""
        steps = self._plan.definition.steps
        gone = [self._gone(name) for name in self._old if name not in steps and name[0] != "@"]
        entries = [self._entry(name) for name in self._plan.definition.steps]
        return Preview(
            wish=self._wish,
            version=self._version,
            entries=(*entries, *gone),
            needs_reason=any(one.repeats and one.effect == "external" for one in entries),
            keys=self._keys(),
        )

    def _executed_again(self) -> frozenset[str]:
        """The steps whose results are not taken over, and all that stands behind them."""
        steps, graph = self._plan.definition.steps, self._plan.graph
        if self._wish.what == "whole":
            return frozenset(steps)
        anew = {name for name in steps if not self._has_passed(name)}
        if self._wish.step is not None and self._wish.step in steps:
            anew.add(self._wish.step)
        behind = {below for name in anew for below in graph.descendants(name)}
        return frozenset(anew | behind)

    def _has_passed(self, name: str) -> bool:
        """Whether there is a result to take over: not one that has been undone."""
        old, undone = self._old.get(name), self._old.get(f"{UNDO}{name}")
        if undone is not None and undone.status != StepStatus.FAILED:
            return False
        return old is not None and old.status in STEP_PASSED | {StepStatus.SKIPPED}

    def _gone(self, name: str) -> Entry:
        why = f"Version {self._version.number} has no such step."
        is_wanted = name == self._wish.step
        return Entry(step=name, verdict=Verdict.BLOCKED if is_wanted else Verdict.SKIP, why=why)

    def _entry(self, name: str) -> Entry:
        old, definition = self._old.get(name), self._plan.step(name)
        if name in self._again:
            return self._executing(definition, old)
        assert old is not None  # noqa: S101  # what is not executed again has passed
        if old.status == StepStatus.SKIPPED:
            return Entry(step=name, verdict=Verdict.SKIP, why="It was skipped, and is again.")
        source = self._executions.get(old.execution_id or old.reused_from or old.run_id)
        return Entry(
            step=name,
            verdict=Verdict.REUSE,
            why=f"It succeeded in {self._wish.run.shown_id}.",
            effect=_effect_of(source),
            source=source.id if source is not None else None,
            ended_at=old.finished_at,
        )

    def _executing(self, definition: Definition, old: Step | None) -> Entry:
        obstacle = _obstacle(definition)
        effect, counts = _effect(definition), self._counts(definition, old)
        execution = self._executions.get(old.execution_id) if old and old.execution_id else None
        has_begun = execution is not None and execution.attempt_count > 0
        return Entry(
            step=definition.name,
            verdict=Verdict.BLOCKED if obstacle else Verdict.EXECUTE,
            why=obstacle or self._why(definition, old),
            effect=effect,
            params=self._params(definition) if not obstacle else None,
            is_conditional=definition.when is not None or bool(definition.after),
            repeats=has_begun or (isinstance(definition, MapStep) and old is not None),
            element_count=counts["whole"],
            reused_count=counts["passed"] if self._wish.what == "from_failed" else 0,
        )

    def _why(self, definition: Definition, old: Step | None) -> str:
        if old is None:
            return f"It is new in version {self._version.number}."
        if definition.name == self._wish.step:
            return "You asked to begin here."
        words = {
            StepStatus.FAILED: "It failed.",
            StepStatus.CANCELLED: "It was cancelled.",
            StepStatus.PENDING: "It had not begun.",
            StepStatus.SUCCEEDED: "What it did was undone, or it stands behind what is executed.",
        }
        if self._wish.what == "whole":
            return "Everything is executed again."
        return words.get(StepStatus(old.status), "It stands behind a step that is executed again.")

    def _counts(self, definition: Definition, old: Step | None) -> dict[str, int]:
        """The elements of a map that is made of the same as before."""
        before = plans.of(self._wish.run.version_id).definition.steps.get(definition.name)
        is_same = definition == before and self._wish.params is None
        depends = self._plan.needs(definition.name) & self._again
        if not isinstance(definition, MapStep) or old is None or depends or not is_same:
            return {"whole": 0, "passed": 0}
        return Step.objects.element_counts(old)

    @cached_property
    def _given(self) -> Any:
        """The params with which the re-run will begin, masked."""
        wish, schema_of = self._wish, self._plan.definition.params_schema
        marked = masking.marking(schema_of, scope.hidden_params_of(wish.run))
        sent = masking.masked(
            wish.run.params if wish.params is None else wish.params, schema=marked
        )
        return expressions.entered(schema_of, schema.with_defaults(schema_of, sent))

    def _params(self, definition: Definition) -> Any:
        """What the action will be called with, where all that it depends on is there already."""
        if not isinstance(definition, CallingStep) or isinstance(definition, MapStep):
            return None
        needs = self._plan.needs(definition.name)
        if needs & self._again or self._plan.names_run(definition):
            return None
        self._scopes.read((self._wish.run.id, name) for name in needs)
        variables = self._scopes.variables(self._wish.run, needs)
        try:
            params = self._plan.params(definition, {**variables, "params": self._given})
            return _masked(definition, params)
        except ExpressionFailed as failed:
            return f"It cannot be made: {failed}"

    def _keys(self) -> Mapping[str, str]:
        """What the services must recognise: the keys of those whose outcome nobody knows."""
        kept = {}
        for name in self._again:
            old = self._old.get(name)
            execution = self._executions.get(old.execution_id) if old and old.execution_id else None
            if execution is not None and (execution.error or {}).get("outcome") == "unknown":
                kept[name] = execution.downstream_key
        return kept


def _obstacle(definition: Definition) -> str:
    """Why a step could not begin now; empty if it could."""
    if not isinstance(definition, CallingStep):
        return ""
    name = definition.call.name
    if definition.call.called == "workflow":
        workflow = Workflow.objects.named(name)
        is_there = workflow is not None and workflow.active is not None and not workflow.is_archived
        return "" if is_there else f"The workflow {name} has no active version."
    action = Action.objects.by_name(name)
    if action is None or action.current_id is None:
        return f"There is no action {name} any more."
    return "" if action.is_enabled else f"The action {name} is disabled."


def _effect(definition: Definition) -> str:
    if not isinstance(definition, CallingStep) or definition.call.called == "workflow":
        return ""
    action = Action.objects.by_name(definition.call.name)
    if action is None or action.current_id is None:
        return ""
    return terms.version(action.current_id).effect


def _effect_of(execution: Execution | None) -> str:
    return terms.version(execution.version_id).effect if execution is not None else ""


def _masked(definition: CallingStep, params: Any) -> Any:
    action = Action.objects.by_name(definition.call.name)
    known = terms.version(action.current_id).params_schema if action and action.current_id else {}
    return masking.masked(params, schema=known)
