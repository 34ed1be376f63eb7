"""Keep what waits in the lane of workers that its action belongs to.

Floor 4. The code of an action may become a coroutine, or cease to be one. An execution that was
accepted before, or is tried again, would wait for a lane in which nobody runs it any more: it
follows the shape that the catalogue has. What is made of data keeps the shape of its version.
"""

from django.db import transaction

from actions.executions import followers, statements
from actions.executions.followers import Lane

# So many at once, that nobody waits long for rows which are being moved.
_BATCH = 5_000

# Few actions have ever changed their shape; only for these it is looked at what waits.
_RESHAPED = """
SELECT action.name, current.is_concurrent FROM actions_action AS action
JOIN actions_actionversion AS current ON current.id = action.current_id
WHERE current.definition IS NULL AND EXISTS (
    SELECT FROM actions_actionversion AS other
    WHERE other.action_id = action.id AND other.is_concurrent <> current.is_concurrent)
"""
_MOVE = """
UPDATE actions_execution AS execution SET
    is_concurrent = %(is_concurrent)s, revision = revision + 1
FROM (
    SELECT id FROM actions_execution
    WHERE status IN ('queued', 'retrying') AND is_concurrent <> %(is_concurrent)s
      AND NOT is_declared AND action_name || '' = ANY(%(names)s::text[])
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS waiting
WHERE execution.id = waiting.id
RETURNING execution.queue
"""


def follow() -> int:
    """Move what waits in the wrong lane, up to a few thousand; returns how many were moved.

    What somebody else has locked just now is left to the next call.
    """
    reshaped = statements.run(_RESHAPED, [])
    return sum(
        _move([name for name, becomes in reshaped if becomes == lane], is_concurrent=lane)
        for lane in (False, True)
    )


def _move(names: list[str], *, is_concurrent: bool) -> int:
    if not names:
        return 0
    asked = {"names": names, "is_concurrent": is_concurrent, "limit": _BATCH}
    with transaction.atomic():
        moved = statements.run(_MOVE, asked)
        followers.wake_for({Lane(queue=queue, is_concurrent=is_concurrent) for (queue,) in moved})
    return len(moved)
