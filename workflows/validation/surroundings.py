"""What a definition is judged against: the actions, workflows and secrets that there are.

Floor 1, pure. Whoever validates reads them from the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.jsontypes import JSONObject
from actions.states import Effect
from workflows.definition import ApprovalStep, Definition


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownAction:
    """An action as its current version has it."""

    name: str
    effect: Effect
    is_repeatable: bool
    params_schema: JSONObject
    result_schema: JSONObject
    is_enabled: bool = True

    @property
    def may_repeat(self) -> bool:
        """Whether to repeat it can do no harm."""
        return self.effect != Effect.EXTERNAL or self.is_repeatable


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownWorkflow:
    """A workflow as its active version has it."""

    name: str
    params_schema: JSONObject
    is_enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What there is, by name; a secret with the patterns of the actions that may read it.

    `roles` and `users` are None where nobody has looked.
    """

    actions: Mapping[str, KnownAction] = field(default_factory=dict)
    workflows: Mapping[str, KnownWorkflow] = field(default_factory=dict)
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roles: frozenset[str] | None = None
    users: frozenset[str] | None = None


def asked_by(definition: Definition) -> frozenset[str]:
    """The names of the people whom a definition asks."""
    steps = definition.steps.values()
    return frozenset(
        user for step in steps if isinstance(step, ApprovalStep) for user in step.users
    )


def called_by(definition: Definition) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the actions and of the workflows that a definition calls."""
    calls = [call for step in definition.steps.values() for call in step.calls]
    if definition.failure_handler is not None:
        calls.append(definition.failure_handler)
    return (
        frozenset(call.name for call in calls if call.called == "action"),
        frozenset(call.name for call in calls if call.called == "workflow"),
    )
