"""Say what a re-run would do, from the rows and the definition; nothing is changed.

Floor 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from actions import expressions, masking
from actions.errors import FieldProblem, ParamsInvalid
from actions.executions import terms
from actions.expressions import ExpressionFailed
from actions.ids import PREFIX_RUN, show
from actions.models import Action, Execution
from workflows.definition import CallingStep, MapStep
from workflows.definition import Step as Definition
from workflows.errors import RunGoesOn
from workflows.models import Run, Step, Workflow, WorkflowVersion
from workflows.runs import downstream, gates, plans, taking
from workflows.runs.asked import Asked
from workflows.runs.reruns import params
from workflows.runs.reruns.effects import Effects
from workflows.runs.reruns.judging import Judged, Judging
from workflows.runs.reruns.verdicts import Entry, Preview, RerunWish, Verdict
from workflows.states import RunStatus


def preview(wish: RerunWish) -> Preview:
    """What the re-run would do with each step.

    Raises RunGoesOn while the run has not ended, WorkflowArchived, and ParamsInvalid for params that
    do not fit, and for a re-run from what has failed where nothing has and nothing would be executed.
    """
    if not wish.run.has_ended:
        raise RunGoesOn(f"{wish.run.shown_id} is {wish.run.status}; cancel it or wait for its end.")
    gates.check_in_use(wish.run.workflow_name)
    version = wish.version or wish.run.version
    shown = _Looking(wish, version).preview()
    if wish.what == "from_failed" and wish.run.status == RunStatus.SUCCEEDED:
        _check_executes(shown)
    return shown


def _check_executes(shown: Preview) -> None:
    does = {Verdict.EXECUTE, Verdict.BLOCKED}
    if any(one.verdict in does for one in shown.entries):
        return
    detail = (
        f"Nothing of {shown.wish.run.shown_id} has failed, so nothing would be executed. Re-run it from a "
        "step (from_step), or all of it (whole)."
    )
    problem = FieldProblem(pointer="/what", code="nothing-failed", detail=detail)
    raise ParamsInvalid(detail, errors=[problem])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Elements:
    """How many elements a map will have, 0 if that is not known, and what they were before."""

    count: int = 0
    earlier: taking.Earlier = field(default_factory=taking.nothing)


class _Looking:
    """Adds to what becomes of each step what a person must know of it."""

    def __init__(self, wish: RerunWish, version: WorkflowVersion) -> None:
        self._wish, self._version = wish, version
        self._given = params.given(wish.run, version, wish.params)
        own = plans.of(version.id).definition.params_schema
        shown = params.shown(wish.run, version, self._given)
        self._judging = Judging(
            wish,
            version,
            given=expressions.entered(own, self._given),
            shown=expressions.entered(own, shown),
        )
        self._plan, self._old = self._judging.plan, self._judging.old
        self._said = self._judging.all()
        ids = [step.execution_id or step.reused_from for step in self._old.values()]
        self._versions = Execution.objects.versions_of([one for one in ids if one is not None])
        self._keys = downstream.kept(self._old.values())
        # What many steps call is read once.
        self._action, self._is_there = cache(Action.objects.by_name), cache(_is_there)
        self._effects = Effects(wish.run.id)
        self._origins = Run.objects.origins(wish.run.id)

    def preview(self) -> Preview:
        """Put it together."""
        steps = self._plan.definition.steps
        own = [name for name, step in self._old.items() if not step.is_handler]
        gone = [self._gone(name) for name in own if name not in steps]
        entries = [self._entry(steps[name], judged=self._said[name]) for name in steps]
        return Preview(
            wish=self._wish,
            version=self._version,
            given=self._given,
            changes=params.changes(self._wish.run, self._version, self._given),
            entries=(*entries, *gone),
            superseded_by=Run.objects.newest_rerun_of(self._wish.run.id),
            needs_reason=any(one.repeats and one.effect == "external" for one in entries),
        )

    def _gone(self, name: str) -> Entry:
        why = f"Version {self._version.number} has no such step."
        is_wanted = name == self._wish.step
        return Entry(step=name, verdict=Verdict.BLOCKED if is_wanted else Verdict.SKIP, why=why)

    def _entry(self, definition: Definition, *, judged: Judged) -> Entry:
        if judged.verdict == Verdict.EXECUTE:
            return self._executing(definition, judged=judged)
        if judged.verdict == Verdict.SKIP:
            return Entry(
                step=definition.name,
                verdict=Verdict.SKIP,
                why=judged.why,
                is_conditional=judged.is_conditional,
            )
        old = self._old[definition.name]
        source = old.execution_id or old.reused_from
        ran = self._versions.get(source) if source is not None else None
        origin = self._origins[definition.name]
        return Entry(
            step=definition.name,
            verdict=Verdict.REUSE,
            why=f"It succeeded in {show(PREFIX_RUN, origin.run_id)}.",
            effect=self._effects.of(definition) if ran is None else terms.version(ran).effect,
            source=source if ran is not None else None,
            source_run=old.child_id or origin.run_id,
            ended_at=origin.at,
        )

    def _executing(self, definition: Definition, *, judged: Judged) -> Entry:
        obstacle = self._obstacle(definition)
        asked = self._judging.asked(definition)
        found = self._elements(definition, asked)
        whole, kept = found.count, len(found.earlier.kept)
        return Entry(
            step=definition.name,
            verdict=Verdict.BLOCKED if obstacle else Verdict.EXECUTE,
            why=obstacle or judged.why + self._told_of_elements(definition, found),
            effect=self._effects.of(definition),
            params=self._params(definition, asked) if not obstacle else None,
            is_conditional=judged.is_conditional,
            repeats=self._effects.is_repeat(definition) and (kept == 0 or kept < whole),
            element_count=whole,
            reused_count=kept,
            kept_key_count=self._key_count(definition, found),
        )

    def _elements(self, definition: Definition, asked: Asked | None) -> "_Elements":
        if not isinstance(definition, MapStep) or asked is None:
            return _Elements()
        told = (definition.over, definition.item_key or "index")
        if not all(map(self._plan.may_tell, told)):
            return _Elements()
        try:
            made = asked.elements()
        except ExpressionFailed:
            return _Elements()
        old, scopes = self._wish.run, self._judging.scopes
        found = taking.earlier(made, old=old, now=asked, scopes=scopes, what=self._wish.what)
        return _Elements(count=len(made), earlier=found)

    def _told_of_elements(self, definition: Definition, found: "_Elements") -> str:
        """That some may be taken over, where it is not known yet which elements there will be."""
        may_keep = self._wish.what == "from_failed" and not found.count
        if not may_keep or not isinstance(definition, MapStep):
            return ""
        has_passed = Step.objects.elements(self._wish.run.id, definition.name).passed().exists()
        return (
            " Elements that would be asked for the same as before are reused." if has_passed else ""
        )

    def _key_count(self, definition: Definition, found: "_Elements") -> int:
        """How many keys it sends downstream again; of a map that is not known yet the most."""
        old = self._old.get(definition.name)
        if old is None or old.kind != definition.kind:
            return 0
        if not isinstance(definition, MapStep):
            return downstream.kept_count([old]) if self._keys[old.id] else 0
        before = found.earlier.left.values() if found.count else self._elements_of(old)
        return downstream.kept_count(before)

    def _elements_of(self, old: Step) -> Iterable[Step]:
        return Step.objects.elements(old.run_id, old.name)

    def _params(self, definition: Definition, asked: Asked | None) -> Any:
        """What the action will be called with, where all that it depends on is there already."""
        if not isinstance(definition, CallingStep) or isinstance(definition, MapStep):
            return None
        if asked is None or self._plan.names_run(definition):
            return None
        try:
            return self._masked(
                definition, self._plan.params(definition, asked.shown or asked.variables)
            )
        except ExpressionFailed as failed:
            return f"It cannot be made: {failed}"

    def _obstacle(self, definition: Definition) -> str:
        """Why a step could not begin now; empty if it could."""
        if not isinstance(definition, CallingStep):
            return ""
        name = definition.call.name
        if definition.call.called == "workflow":
            is_there = self._is_there(name)
            return "" if is_there else f"The workflow {name} has no active version."
        action = self._action(name)
        if action is None or action.current_id is None:
            return f"There is no action {name} any more."
        return "" if action.is_enabled else f"The action {name} is disabled."

    def _masked(self, definition: CallingStep, called_with: Any) -> Any:
        action = self._action(definition.call.name)
        current = action.current_id if action is not None else None
        known = terms.version(current).params_schema if current is not None else {}
        return masking.masked(called_with, schema=known)


def _is_there(name: str) -> bool:
    """Whether there is a workflow of that name which can be run."""
    workflow = Workflow.objects.named(name)
    return workflow is not None and workflow.active is not None and not workflow.is_archived
