"""The steps of a workflow, a small class for each kind.

Floor 1, pure. Expressions stand here as they were written (CEL without `${{ }}`), templates as JSON;
`scope` says which variables they see. Everything optional that was left out has its default, or
None where the default is somebody else's to say.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

from actions.jsontypes import JSONObject
from actions.policy import RetryPolicy

Join = Literal["all", "any"]
OnTimeout = Literal["fail", "continue"]
OnRejected = Literal["fail", "continue"]
Called = Literal["action", "workflow"]


class StepKind(StrEnum):
    """What a step does, named by the field that makes it so."""

    ACTION = "action"
    MAP = "map"
    WORKFLOW = "workflow"
    WAIT = "wait"
    APPROVAL = "approval"
    EVENT = "event"
    SWITCH = "switch"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConcurrencyKey:
    """At most `limit` at once of those for which the expression gives the same text."""

    key: str
    limit: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """An action or a workflow by name, and the template of its params."""

    called: Called
    name: str
    params: JSONObject = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One way out of a switch: the steps that come next if the condition is true."""

    when: str
    then: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What all steps have.

    `after` are the steps that it waits for, also the switches that name it; in the order in which
    they were written, none twice. `join` says whether it waits for all of them or for the first
    that succeeds. If `when` is false, it is skipped. If an optional step fails, the run goes on as
    if it had succeeded.
    """

    kind: ClassVar[StepKind]

    name: str
    description: str = ""
    after: tuple[str, ...] = ()
    join: Join = "all"
    when: str | None = None
    is_optional: bool = False
    timeout_seconds: float | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """What it calls, and what undoes it."""
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CallingStep(Step):
    """What steps have that call an action or a workflow, once or for each element of a list.

    `priority` is a number or an expression; `idempotency_key` an expression for the key that goes
    downstream, None for the one that follows from run and step. `compensate` undoes it after it
    has succeeded, if the run ends otherwise.
    """

    call: Call
    idempotency_key: str | None = None
    priority: int | str | None = None
    concurrency_key: ConcurrencyKey | None = None
    compensate: Call | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """What it calls, and what undoes it."""
        return (self.call,) if self.compensate is None else (self.call, self.compensate)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionStep(CallingStep):
    """Executes an action; `timeout_seconds` is for one attempt, `retry` replaces its policy."""

    kind = StepKind.ACTION

    retry: RetryPolicy | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MapStep(CallingStep):
    """Calls the same for each element of a list; its result is the list of theirs.

    `over` gives the list, `item_key` what an element is called by across runs. At most
    `concurrency` run at once, None for no limit. The step fails once more than
    `tolerated_failures` have failed. `retry` and `timeout_seconds` are for each element.
    """

    kind = StepKind.MAP

    over: str
    item_key: str | None = None
    concurrency: int | None = None
    tolerated_failures: int = 0
    retry: RetryPolicy | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowStep(CallingStep):
    """Runs another workflow, in its active version when the run comes there."""

    kind = StepKind.WORKFLOW


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitStep(Step):
    """Lets time pass: `duration` in seconds, or until a time; one of them is None.

    A text is an expression: `duration` gives a number, `until` a text (RFC 3339).
    """

    kind = StepKind.WAIT

    duration: float | str | None = None
    until: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalStep(Step):
    """Asks people; its result has the shape APPROVAL_RESULT.

    `message` is a template of one text, `form` the schema of what else is asked for. Who has one of
    the roles may answer, and who is named in `users`.
    """

    kind = StepKind.APPROVAL

    message: str
    form: JSONObject
    roles: tuple[str, ...]
    users: tuple[str, ...] = ()
    on_rejected: OnRejected = "fail"
    on_timeout: OnTimeout = "fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventStep(Step):
    """Waits until an event of that name is sent to the run; result of the shape EVENT_RESULT."""

    kind = StepKind.EVENT

    event: str
    payload: JSONObject
    on_timeout: OnTimeout = "fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class SwitchStep(Step):
    """Chooses what comes next: the steps of the first case that is true, else `otherwise`.

    Its result is `{"chosen": [names]}`. Successors that were not chosen take it for skipped.
    """

    kind = StepKind.SWITCH

    cases: tuple[Case, ...]
    otherwise: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """Every step that it may choose, none twice."""
        named = [name for case in self.cases for name in case.then]
        return tuple(dict.fromkeys([*named, *self.otherwise]))


APPROVAL_RESULT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "decision": {"enum": ["approved", "rejected", "timed_out"]},
        "answer": {"description": "What was filled in; null if nobody has answered"},
        "comment": {"type": ["string", "null"]},
        "by": {"type": ["string", "null"]},
        "at": {"type": "string", "format": "date-time"},
    },
    "required": ["decision", "answer", "comment", "by", "at"],
    "additionalProperties": False,
}
EVENT_RESULT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "timed_out": {"type": "boolean"},
        "payload": {"description": "What came with it; null past the timeout"},
        "at": {"type": "string", "format": "date-time"},
    },
    "required": ["timed_out", "payload", "at"],
    "additionalProperties": False,
}
SWITCH_RESULT: dict[str, Any] = {
    "type": "object",
    "properties": {"chosen": {"type": "array", "items": {"type": "string"}}},
    "required": ["chosen"],
    "additionalProperties": False,
}
