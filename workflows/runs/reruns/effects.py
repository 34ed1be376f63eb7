"""What a step would do outside of its run, and whether that has been done before.

Floor 4. Of a step that runs a workflow it is the strongest effect of all that this calls.
"""

from functools import cache, cached_property
from uuid import UUID

from actions.executions import terms
from actions.models import Action
from actions.states import Effect
from workflows.definition import Call, CallingStep
from workflows.definition import Step as Definition
from workflows.models import Run, Workflow
from workflows.runs import plans

_BY_STRENGTH = ("", Effect.NONE, Effect.TRANSACTIONAL, Effect.EXTERNAL)


class Effects:
    """The effects of the steps of a re-run of one run."""

    def __init__(self, run_id: UUID) -> None:
        self._run_id = run_id
        self._of_action = cache(_of_action)
        self._found: dict[str, str] = {}

    def of(self, definition: Definition) -> str:
        """The strongest effect that a step can have now; empty for one that calls nothing."""
        if definition.name not in self._found:
            self._found[definition.name] = self._strongest(definition, above=frozenset())
        return self._found[definition.name]

    def is_repeat(self, definition: Definition) -> bool:
        """Whether something with that effect has been called in this step before.

        In this run, in one whose results it has, or in another re-run of them.
        """
        effect = self.of(definition)
        before = {terms.version(one).effect for one in self._called.get(definition.name, ())}
        return effect in before if effect == Effect.EXTERNAL else bool(before)

    @cached_property
    def _called(self) -> dict[str, set[int]]:
        return Run.objects.called_before(self._run_id)

    def _strongest(self, definition: Definition, *, above: frozenset[str]) -> str:
        if not isinstance(definition, CallingStep):
            return ""
        return self._of_call(definition.call, above=above)

    def _of_call(self, call: Call, *, above: frozenset[str]) -> str:
        if call.called == "action":
            return self._of_action(call.name)
        workflow = Workflow.objects.named(call.name)
        if call.name in above or workflow is None or workflow.active is None:
            return ""
        steps = plans.of(workflow.active.id).definition.steps.values()
        found = [self._strongest(step, above=above | {call.name}) for step in steps]
        return max(found, key=_BY_STRENGTH.index, default="")


def _of_action(name: str) -> str:
    action = Action.objects.by_name(name)
    if action is None or action.current_id is None:
        return ""
    return terms.version(action.current_id).effect
