"""What a step is asked to do, as one text, so that two runs can be compared in it.

Floor 4. Two are the same if the same would be called with the same params; how often it is tried
and how long it may take does not count, nor which run asks. Secrets are in the text, so it is never
stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from actions import canonical
from actions.expressions import ExpressionFailed
from workflows.definition import (
    ApprovalStep,
    CallingStep,
    EventStep,
    MapStep,
    Step,
    SwitchStep,
    WaitStep,
)
from workflows.models import Step as Row
from workflows.plan import Plan
from workflows.runs import elements

# In the place of the run itself, which is another one each time.
_NOBODY = {"id": "run", "started_at": "1970-01-01T00:00:00Z", "attempt": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A step of a plan, and the variables with which its turn comes."""

    plan: Plan
    definition: Step
    variables: Mapping[str, Any]

    def text(self) -> bytes:
        """What the step is asked to do; an expression that fails is known by its failure."""
        return _text(lambda: [str(self.definition.kind), self._said()])

    def of_element(self, element: Row) -> bytes:
        """The same of one element of a map."""
        return _text(lambda: self._call(item=element.value, index=element.element))

    @property
    def _seen(self) -> Mapping[str, Any]:
        return {**self.variables, "run": _NOBODY}

    def _said(self) -> Any:
        match self.definition:
            case MapStep():
                made = elements.made(self.plan, self.definition, variables=self._seen)
                return [self._call(item=one.value, index=one.element) for one in made]
            case CallingStep():
                return self._call()
            case SwitchStep(cases=cases, otherwise=otherwise):
                ways = (case.then for case in cases if self._value(case.when) is True)
                return list(next(ways, otherwise))
            case WaitStep(duration=duration, until=until):
                return self._value(duration if until is None else until)
            case ApprovalStep() as asking:
                who = sorted(asking.roles), sorted(asking.users)
                return [self.plan.message(asking, self._seen), asking.form, *who]
            case EventStep(event=event, payload=payload):
                return [event, payload]
        raise TypeError(self.definition.kind)

    def _value(self, said: Any) -> Any:
        return self.plan.evaluate(said, self._seen) if isinstance(said, str) else said

    def _call(self, **own: Any) -> Any:
        assert isinstance(self.definition, CallingStep)  # noqa: S101  # the others call nothing
        call = self.definition.call
        params = self.plan.params(self.definition, {**self._seen, **own})
        return [call.called, call.name, params]


def _text(said: Callable[[], Any]) -> bytes:
    try:
        return canonical.canonical(said())
    except ExpressionFailed as failed:
        return f"failed: {failed}".encode()
