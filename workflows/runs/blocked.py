"""Ask that steps go on which wait for actions.

Floor 4. Whoever adds or enables an action asks in the same transaction, and whoever lets a step wait
keeps them from that until it is committed (`actions.definitions.hold_still`).
"""

from collections.abc import Collection

from actions.actors import SYSTEM
from actions.executions import accept, terms
from actions.executions.followers import Lane
from actions.executions.wish import Wish
from actions.models import Action
from workflows.models import Step

UNBLOCK = "actionsite.unblock"


def ask(actions: Collection[str]) -> set[Lane]:
    """Have the steps go on that wait for these actions; returns where something is due for that."""
    waited = Step.objects.blocked_on(actions).values_list("blocked_on", flat=True)
    return {_ask(name) for name in sorted(set(waited))}


def _ask(name: str) -> Lane:
    action = Action.objects.by_name(UNBLOCK)
    if action is None or action.current_id is None:
        raise LookupError(f"The internal action {UNBLOCK} is not in the catalogue; run migrate.")
    version = terms.version(action.current_id)
    wish = Wish(action=action, version=version, params={"action": name}, by=SYSTEM)
    (execution,) = accept.store_many([wish])
    return Lane(queue=execution.queue, is_concurrent=execution.is_concurrent)
