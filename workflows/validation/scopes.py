"""What the variables of an expression hold, by where it stands.

Floor 1, pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.definition import (
    ApprovalStep,
    CallingStep,
    Definition,
    EventStep,
    MapStep,
    Step,
    SwitchStep,
    WaitStep,
    scope,
)
from workflows.definition.steps import APPROVAL_RESULT, EVENT_RESULT, SWITCH_RESULT
from workflows.validation.shapes import ANYTHING, Shape, shape_of
from workflows.validation.surroundings import Surroundings

_TEXT = {"type": "string"}
_RUN = shape_of(
    {
        "type": "object",
        "properties": {"id": _TEXT, "started_at": _TEXT, "attempt": {"type": "integer"}},
        "required": list(scope.RUN_MEMBERS),
        "additionalProperties": False,
    }
)
_ERROR = shape_of(
    {
        "type": "object",
        "properties": dict.fromkeys(("step", "code", "message"), _TEXT)
        | {"attempt": {"type": "integer"}},
        "required": list(scope.ERROR_MEMBERS),
        "additionalProperties": False,
    }
)
_STATUS = shape_of(_TEXT)
_INDEX = shape_of({"type": "integer"})
_NOTHING = shape_of({"type": "null"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which variables there are, and which steps have ended: those before `step`.

    Without a `step` any may be named; with `is_after` it may itself.
    """

    names: tuple[str, ...]
    step: str | None = None
    is_after: bool = False
    element: Shape = ANYTHING


class Shapes:
    """What is known of every variable of one definition."""

    def __init__(self, definition: Definition, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._results: dict[str, Shape] = {}
        self.params = shape_of(definition.params_schema)

    def of(self, variable: str, scope_of: Scope) -> Shape:
        """What a variable other than `steps` holds."""
        known: Mapping[str, Shape] = {
            "params": self.params,
            "run": _RUN,
            "error": _ERROR,
            "item": scope_of.element,
            "index": _INDEX,
        }
        return known[variable]

    def of_step(self, step: Step, member: str) -> Shape:
        """What a step's result, error or status is."""
        if member == "result":
            return self._result(step)
        return _STATUS if member == "status" else ANYTHING

    def _result(self, step: Step) -> Shape:
        match step:
            case MapStep():
                inner = self._returned(step)
                listed: dict[str, Any] = {"type": "array"}
                items = {"items": inner.root} if inner.parts and not step.tolerated_failures else {}
                return Shape(inner.root, (listed | items,))
            case CallingStep():
                return self._returned(step)
            case ApprovalStep():
                return _with(APPROVAL_RESULT, "answer", step.form)
            case EventStep():
                return _with(EVENT_RESULT, "payload", step.payload)
            case SwitchStep():
                return shape_of(SWITCH_RESULT)
            case WaitStep():
                return _NOTHING
        return ANYTHING

    def _returned(self, step: CallingStep) -> Shape:
        """What one call gives back; a workflow's result has no schema."""
        name = step.call.name
        action = self._surroundings.actions.get(name)
        if step.call.called != "action" or action is None:
            return ANYTHING
        if name not in self._results:
            self._results[name] = shape_of(action.result_schema)
        return self._results[name]


def _with(result: dict[str, Any], member: str, schema: dict[str, Any]) -> Shape:
    """The result of a kind with the schema of one member; its references lead into that schema."""
    filled = {**result, "properties": {**result["properties"], member: schema}}
    return Shape(schema, (filled,))
