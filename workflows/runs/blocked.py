"""Ask that steps go on which wait for actions.

Floor 4. Whoever adds or enables an action asks in the same transaction, and whoever lets a step wait
keeps them from that until it is committed (`actions.definitions.hold_still`).
"""

from collections.abc import Collection

from actions.executions.followers import Lane
from workflows.models import Step
from workflows.runs import internal

UNBLOCK = "actionsite.unblock"


def ask(actions: Collection[str]) -> set[Lane]:
    """Have the steps go on that wait for these actions; returns where something is due for that."""
    waited = Step.objects.blocked_on(actions).values_list("blocked_on", flat=True)
    return {_ask(name) for name in sorted(set(waited))}


def _ask(name: str) -> Lane:
    execution = internal.ask(UNBLOCK, params={"action": name})
    return Lane(queue=execution.queue, is_concurrent=execution.is_concurrent)
