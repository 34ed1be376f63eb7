"""What becomes of each step of a re-run, in the order in which their turns would come.

Floor 4. A step is taken over if it has passed, nothing that it waits for is executed again, and it
would be asked for the same now. What its condition or a switch leaves out is skipped, as far as that
can be told before anything is executed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from actions import canonical
from actions.expressions import ExpressionFailed
from workflows.definition import Step as Definition
from workflows.definition import SwitchStep
from workflows.models import Run, Step, WorkflowVersion
from workflows.plan import Plan
from workflows.runs import plans, scope
from workflows.runs.asked import Asked
from workflows.runs.reruns.verdicts import RerunWish, Verdict
from workflows.runs.scope import Scopes
from workflows.runs.taking import overtaken, variables_of
from workflows.runs.undone import Undone
from workflows.states import STEP_PASSED, StepStatus

_WHY_AGAIN = {
    StepStatus.FAILED: "It failed.",
    StepStatus.CANCELLED: "It was cancelled.",
    StepStatus.PENDING: "It had not begun.",
    StepStatus.SKIPPED: "It was skipped.",
}
_FALSE = "Its condition is false."
_ALL_SKIPPED = "All that it waits for is skipped."
_OTHER = "It would be asked for something else now."
_ASKS_ANEW = "People would be asked something else in its sub-run now."
# So many steps are read ahead at once.
_AHEAD = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What becomes of a step.

    A conditional one waits for others of the re-run: its turn may not come, and one that is to be
    executed may be skipped after all.
    """

    verdict: Verdict
    why: str
    is_conditional: bool = False


class Judging:
    """Looks at each step once.

    `given` are the params with which the re-run would begin, and `shown` what may be seen of them.
    """

    def __init__(
        self, wish: RerunWish, version: WorkflowVersion, *, given: Any, shown: Any
    ) -> None:
        self._wish, self._version, self._given, self._shown = wish, version, given, shown
        self.plan: Plan = plans.of(version.id)
        self.old: Mapping[str, Step] = {step.name: step for step in Step.objects.of(wish.run.id)}
        self._undone = Undone(wish.run.id)
        self.scopes = Scopes({}, store=lambda: None)
        self._masked = Scopes({}, store=lambda: None, unseals=False)
        self._said: dict[str, Judged] = {}

    def all(self) -> Mapping[str, Judged]:
        """What becomes of each."""
        order = self.plan.graph.order
        for start in range(0, len(order), _AHEAD):
            self._read_ahead(order[start : start + _AHEAD])
            for name in order[start : start + _AHEAD]:
                self._said[name] = self._judged(self.plan.definition.steps[name])
        wanted = [name for name, said in self._said.items() if said.verdict == Verdict.EXECUTE]
        self._read(self._masked, self._closed_needs(wanted))
        return self._said

    def _read_ahead(self, names: Iterable[str]) -> None:
        """What the steps of these names will be judged by, at once instead of one after another."""
        if self._wish.what == "whole":
            return
        before = self._before
        then = (before.needs(name) for name in names if name in before.definition.steps)
        self._read(self.scopes, self._closed_needs(names).union(*then))

    def _closed_needs(self, names: Iterable[str]) -> set[str]:
        """The needs of those whose needs are all known to have ended, as far as can be told yet."""
        each = map(self.plan.needs, names)
        return {one for needs in each if not any(map(self._is_open, needs)) for one in needs}

    def _read(self, scopes: Scopes, needs: Iterable[str]) -> None:
        scopes.read((self._wish.run.id, name) for name in needs if name in self.old)

    @cached_property
    def _before(self) -> Plan:
        return plans.of(self._wish.run.version_id)

    def asked(self, definition: Definition) -> Asked | None:
        """What a step would be asked; None if that is not known before something is executed."""
        needs = self.plan.needs(definition.name)
        variables = self._known(definition)
        if variables is None:
            return None
        shown = self._variables(self._masked, needs, params=self._shown)
        return Asked(plan=self.plan, definition=definition, variables=variables, shown=shown)

    def _known(self, definition: Definition) -> dict[str, Any] | None:
        """What the expressions of a step will see; None while that waits for something executed."""
        needs = self.plan.needs(definition.name)
        if any(map(self._is_open, needs)):
            return None
        return self._variables(self.scopes, needs, params=self._given)

    def _variables(self, scopes: Scopes, needs: Iterable[str], *, params: Any) -> dict[str, Any]:
        """What expressions will see that speak of steps whose outcome is known already."""
        run = self._wish.run
        self._read(scopes, needs)
        variables = dict(scopes.variables(run, needs))
        left_out = {name: scope.SKIPPED for name in needs if self._is_left_out(name)}
        return variables | {"steps": variables["steps"] | left_out, "params": params}

    def _judged(self, definition: Definition) -> Judged:
        name = definition.name
        before = self.plan.graph.before[name]
        passing = [one for one in before if self._is_way(one, name)]
        is_any = definition.join == "any"
        is_met = self._is_met(definition)
        if any(map(self._is_open, before)) and not (is_any and passing):
            return self._judged_ahead(definition, is_met=is_met)
        if before and not passing:
            return Judged(verdict=Verdict.SKIP, why=self._why_left_out(before))
        if is_met is False:
            return Judged(verdict=Verdict.SKIP, why=_FALSE)
        why = self._why_executed(definition)
        if why:
            return Judged(verdict=Verdict.EXECUTE, why=why, is_conditional=is_met is None)
        return Judged(verdict=Verdict.REUSE, why="")

    def _judged_ahead(self, definition: Definition, *, is_met: bool | None) -> Judged:
        """What becomes of a step that waits for others of the re-run, if its turn comes."""
        name = definition.name
        if is_met is False:
            return Judged(verdict=Verdict.SKIP, why=_FALSE, is_conditional=True)
        if all(map(self._is_left_out, self.plan.graph.before[name])):
            return Judged(verdict=Verdict.SKIP, why=_ALL_SKIPPED, is_conditional=True)
        why = self._why_again(name) or "It stands behind a step that is executed."
        return Judged(verdict=Verdict.EXECUTE, why=why, is_conditional=True)

    def _is_open(self, name: str) -> bool:
        """Whether a step has its end in the re-run only."""
        said = self._said.get(name)
        return said is not None and (said.verdict == Verdict.EXECUTE or said.is_conditional)

    def _is_left_out(self, name: str) -> bool:
        return name in self._said and self._said[name].verdict == Verdict.SKIP

    def _is_way(self, earlier: str, name: str) -> bool:
        """Whether a step is taken over, and lets the one behind it begin."""
        if self._said[earlier].verdict != Verdict.REUSE:
            return False
        definition = self.plan.definition.steps[earlier]
        if not isinstance(definition, SwitchStep) or name not in definition.targets:
            return True
        return name in (self.old[earlier].result or {}).get("chosen", ())

    def _why_left_out(self, before: tuple[str, ...]) -> str:
        switch = next((one for one in before if self._said[one].verdict == Verdict.REUSE), None)
        return f"{switch} has not chosen it." if switch else _ALL_SKIPPED

    def _is_met(self, definition: Definition) -> bool | None:
        """What its condition says; None if that is not known yet, or fails."""
        if definition.when is None:
            return True
        needs = self.plan.needs_of(definition.when)
        if any(map(self._is_open, needs)) or not self.plan.may_tell(definition.when):
            return None
        variables = self._variables(self.scopes, needs, params=self._given)
        try:
            said = self.plan.evaluate(definition.when, variables)
        except ExpressionFailed:
            return None
        return said if isinstance(said, bool) else None

    def _why_executed(self, definition: Definition) -> str:
        """Why a step whose turn comes is executed; empty if its result is taken over."""
        name = definition.name
        why = self._why_again(name)
        if why:
            return why
        undone = self._undone.told(self.old[name])
        if undone:
            return f"What it did {undone}."
        if not self._is_same(definition):
            return _OTHER
        return _ASKS_ANEW if name in self._overtaken else ""

    def _why_again(self, name: str) -> str:
        """Why there is no result of a step to be taken over; empty if there is one."""
        old = self.old.get(name)
        if name == self._wish.step:
            return "You asked to begin here."
        if self._wish.what == "whole":
            return "Everything is executed again."
        if old is None:
            return f"It is new in version {self._version.number}."
        return "" if old.status in STEP_PASSED else _WHY_AGAIN[StepStatus(old.status)]

    def _is_same(self, definition: Definition) -> bool:
        name, variables = definition.name, self._known(definition)
        if variables is None or self._is_all_the_same:
            return variables is not None
        before = self._before.definition.steps.get(name)
        if before is None:
            return False
        seen = variables_of(self._wish.run, name, scopes=self.scopes)
        then = Asked(plan=self._before, definition=before, variables=seen)
        return Asked(plan=self.plan, definition=definition, variables=variables).is_same(then)

    @cached_property
    def _overtaken(self) -> set[str]:
        """The steps in whose sub-runs people would be asked something else now."""
        below = Run.objects.sub_runs(self._wish.run.id)
        gone = overtaken(set().union(*below.values()))
        return {name for name, children in below.items() if children & gone}

    @cached_property
    def _is_all_the_same(self) -> bool:
        """Whether neither the version nor the params are others."""
        run = self._wish.run
        then = scope.params_of(run, self._before)
        is_given = canonical.canonical(then) == canonical.canonical(self._given)
        return is_given and run.version_id == self._version.id
