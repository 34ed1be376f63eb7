"""Say what a re-run would do, from the rows and the definition; nothing is changed.

Floor 4.
"""

from collections.abc import Mapping
from typing import Any

from actions import expressions, masking, schema
from actions.executions import terms
from actions.expressions import ExpressionFailed
from actions.models import Action, Execution
from workflows.definition import CallingStep, MapStep
from workflows.definition import Step as Definition
from workflows.errors import RunGoesOn
from workflows.models import Workflow, WorkflowVersion
from workflows.runs import elements, plans, scope, taking
from workflows.runs.asked import Asked
from workflows.runs.reruns.effects import Effects
from workflows.runs.reruns.judging import Judged, Judging
from workflows.runs.reruns.verdicts import Entry, Preview, RerunWish, Verdict


def preview(wish: RerunWish) -> Preview:
    """What the re-run would do with each step; raises RunGoesOn while the run has not ended."""
    if not wish.run.has_ended:
        raise RunGoesOn(f"{wish.run.shown_id} is {wish.run.status}; cancel it or wait for its end.")
    version = wish.version or wish.run.version
    return _Looking(wish, version).preview()


class _Looking:
    """Adds to what becomes of each step what a person must know of it."""

    def __init__(self, wish: RerunWish, version: WorkflowVersion) -> None:
        self._wish, self._version = wish, version
        self._judging = Judging(wish, version, given=_given(wish, version))
        self._plan, self._old = self._judging.plan, self._judging.old
        self._said = self._judging.all()
        ids = [step.execution_id or step.reused_from for step in self._old.values()]
        found = Execution.objects.filter(id__in=[one for one in ids if one is not None])
        self._executions = {execution.id: execution for execution in found}
        self._effects = Effects(wish.run.id)

    def preview(self) -> Preview:
        """Put it together."""
        steps = self._plan.definition.steps
        gone = [self._gone(name) for name in self._old if name not in steps and name[0] != "@"]
        entries = [self._entry(steps[name], judged=self._said[name]) for name in steps]
        return Preview(
            wish=self._wish,
            version=self._version,
            entries=(*entries, *gone),
            needs_reason=any(one.repeats and one.effect == "external" for one in entries),
            keys=self._keys(),
        )

    def _gone(self, name: str) -> Entry:
        why = f"Version {self._version.number} has no such step."
        is_wanted = name == self._wish.step
        return Entry(step=name, verdict=Verdict.BLOCKED if is_wanted else Verdict.SKIP, why=why)

    def _entry(self, definition: Definition, *, judged: Judged) -> Entry:
        if judged.verdict == Verdict.EXECUTE:
            return self._executing(definition, judged=judged)
        if judged.verdict == Verdict.SKIP:
            return Entry(step=definition.name, verdict=Verdict.SKIP, why=judged.why)
        old = self._old[definition.name]
        source = self._executions.get(old.execution_id or old.reused_from or old.run_id)
        return Entry(
            step=definition.name,
            verdict=Verdict.REUSE,
            why=f"It succeeded in {self._wish.run.shown_id}.",
            effect=_effect_of(source),
            source=source.id if source is not None else None,
            ended_at=old.finished_at,
        )

    def _executing(self, definition: Definition, *, judged: Judged) -> Entry:
        obstacle = _obstacle(definition)
        asked = self._judging.asked(definition)
        whole, kept = self._elements(definition, asked)
        return Entry(
            step=definition.name,
            verdict=Verdict.BLOCKED if obstacle else Verdict.EXECUTE,
            why=obstacle or judged.why,
            effect=self._effects.of(definition),
            params=self._params(definition, asked) if not obstacle else None,
            is_conditional=judged.is_conditional,
            repeats=self._effects.is_repeat(definition) and (kept == 0 or kept < whole),
            element_count=whole,
            reused_count=kept,
        )

    def _elements(self, definition: Definition, asked: Asked | None) -> tuple[int, int]:
        """How many elements a map has, and of how many the results are taken over; 0 if unknown."""
        if not isinstance(definition, MapStep) or asked is None:
            return 0, 0
        told = (definition.over, definition.item_key or "index")
        if not all(map(self._plan.may_tell, told)):
            return 0, 0
        try:
            made = elements.made(self._plan, definition, variables=asked.variables)
        except ExpressionFailed:
            return 0, 0
        old, scopes = self._wish.run, self._judging.scopes
        found = taking.earlier(made, old=old, now=asked, scopes=scopes, what=self._wish.what)
        return len(made), len(found.kept)

    def _params(self, definition: Definition, asked: Asked | None) -> Any:
        """What the action will be called with, where all that it depends on is there already."""
        if not isinstance(definition, CallingStep) or isinstance(definition, MapStep):
            return None
        if asked is None or self._plan.names_run(definition):
            return None
        try:
            return _masked(definition, self._plan.params(definition, asked.variables))
        except ExpressionFailed as failed:
            return f"It cannot be made: {failed}"

    def _keys(self) -> Mapping[str, str]:
        """What the services must recognise: the keys of those whose outcome nobody knows."""
        kept = {}
        for name, judged in self._said.items():
            old = self._old.get(name) if judged.verdict == Verdict.EXECUTE else None
            execution = self._executions.get(old.execution_id) if old and old.execution_id else None
            if execution is not None and (execution.error or {}).get("outcome") == "unknown":
                kept[name] = execution.downstream_key
        return kept


def _given(wish: RerunWish, version: WorkflowVersion) -> Any:
    """The params with which the re-run will begin."""
    schema_of = plans.of(version.id).definition.params_schema
    sent = scope.kept_params_of(wish.run) if wish.params is None else wish.params
    return expressions.entered(schema_of, schema.with_defaults(schema_of, sent))


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


def _effect_of(execution: Execution | None) -> str:
    return terms.version(execution.version_id).effect if execution is not None else ""


def _masked(definition: CallingStep, params: Any) -> Any:
    action = Action.objects.by_name(definition.call.name)
    known = terms.version(action.current_id).params_schema if action and action.current_id else {}
    return masking.masked(params, schema=known)
