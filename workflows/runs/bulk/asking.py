"""Ask for the engine's own action that goes on with a bulk re-run.

Floor 4.
"""

from datetime import datetime

from actions.actors import SYSTEM
from actions.executions import accept, followers, terms
from actions.executions.followers import Lane
from actions.executions.wish import Wish
from actions.models import Action
from workflows.models import BulkRerun

CARRY_ON = "actionsite.bulk-rerun"


def ask(bulk: BulkRerun, *, at: datetime | None = None) -> None:
    """Ask for it, due then or at once, in the caller's transaction; the row is the caller's to save."""
    action = Action.objects.by_name(CARRY_ON)
    if action is None or action.current_id is None:
        raise LookupError(f"The internal action {CARRY_ON} is not in the catalogue; run migrate.")
    version = terms.version(action.current_id)
    wish = Wish(
        action=action, version=version, params={"bulk": bulk.shown_id}, by=SYSTEM, run_at=at
    )
    (execution,) = accept.store_many([wish])
    bulk.execution_id = execution.id
    if at is None:
        followers.wake_for([Lane(queue=execution.queue, is_concurrent=execution.is_concurrent)])
