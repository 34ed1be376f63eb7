"""Ask for the engine's own action that goes on with a bulk re-run.

Floor 4.
"""

from datetime import datetime

from actions.executions import followers
from actions.executions.followers import Lane
from workflows.models import BulkRerun
from workflows.runs import internal

CARRY_ON = "actionsite.bulk-rerun"


def ask(bulk: BulkRerun, *, at: datetime | None = None) -> None:
    """Ask for it, due then or at once, in the caller's transaction; the row is the caller's to save."""
    execution = internal.ask(CARRY_ON, params={"bulk": bulk.shown_id}, at=at)
    bulk.execution_id = execution.id
    if at is None:
        followers.wake_for([Lane(queue=execution.queue, is_concurrent=execution.is_concurrent)])
