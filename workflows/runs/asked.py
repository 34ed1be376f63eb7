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
    """A step of a plan, and the variables with which its turn comes.

    `shown` are those with masks in the places of secrets; None if there are none.
    """

    plan: Plan
    definition: Step
    variables: Mapping[str, Any]
    shown: Mapping[str, Any] | None = None

    def elements(self) -> list[Row]:
        """The elements of the map that this is; raises ExpressionFailed."""
        assert isinstance(self.definition, MapStep)  # noqa: S101  # only maps have elements
        shown = self.shown
        return elements.made(self.plan, self.definition, variables=self.variables, shown=shown)

    def is_same(self, then: "Asked") -> bool:
        """Whether the step is asked for the same; an expression that fails is known by its failure.

        An answer of a person is one to the step as it stood, and to those params of the run.
        """
        if isinstance(self.definition, ApprovalStep) and self.definition != then.definition:
            return False
        if not isinstance(self.definition, MapStep) or not isinstance(then.definition, MapStep):
            return self._text() == then._text()
        try:
            ours, theirs = self.elements(), then.elements()
        except ExpressionFailed:
            return False
        is_as_long = len(ours) == len(theirs)
        return is_as_long and all(map(self.comparison(then), ours, theirs))

    def comparison(self, then: "Asked") -> Callable[[Row, Row], bool]:
        """Tells of an element of this map and one of that whether they are asked for the same."""
        sees_same = self.plan is then.plan and _text_of(self._seen) == _text_of(then._seen)

        def is_same(ours: Row, theirs: Row) -> bool:
            if sees_same and ours.element == theirs.element:
                return _text_of(ours.value) == _text_of(theirs.value)
            return self._text_of_element(ours) == then._text_of_element(theirs)

        return is_same

    def _text(self) -> bytes:
        return _told(lambda: [str(self.definition.kind), self._said()])

    def _text_of_element(self, element: Row) -> bytes:
        return _told(lambda: self._call(item=element.value, index=element.element))

    @property
    def _seen(self) -> Mapping[str, Any]:
        return {**self.variables, "run": _NOBODY}

    def _said(self) -> Any:
        match self.definition:
            case CallingStep():
                return self._call()
            case SwitchStep(cases=cases, otherwise=otherwise):
                ways = (case.then for case in cases if self._value(case.when) is True)
                return list(next(ways, otherwise))
            case WaitStep(duration=duration, until=until):
                return self._value(duration if until is None else until)
            case ApprovalStep() as asking:
                # Who has answered has seen the params of the run.
                return [self.plan.message(asking, self._seen), self.variables["params"]]
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


def _told(said: Callable[[], Any]) -> bytes:
    try:
        return _text_of(said())
    except ExpressionFailed as failed:
        return f"failed: {failed}".encode()


def _text_of(value: Any) -> bytes:
    return canonical.canonical(value)
