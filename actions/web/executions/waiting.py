"""Why an execution is not running, in one sentence computed from rows.

Floor 5, a door.
"""

from dataclasses import dataclass

from actions.models import Execution, Worker
from actions.states import ExecutionStatus
from actions.templatetags.look import capped

AHEAD_CAP = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The reason, and whether somebody has to do something about it."""

    sentence: str
    needs_help: bool = False


def why_waiting(execution: Execution) -> Waiting | None:
    """Why it has not begun yet; None if it has begun, ended or merely waits for its retry."""
    if execution.status != ExecutionStatus.QUEUED:
        return None
    workers = list(Worker.objects.within_lease())
    if not workers:
        return Waiting(
            sentence=f"No worker is alive{_last_seen()}. Start one with manage.py qcluster.",
            needs_help=True,
        )
    serving = [each for each in workers if not each.queues or execution.queue in each.queues]
    if not serving:
        return Waiting(
            sentence=(
                f"No living worker serves the queue {execution.queue}. "
                "Start one with that queue in ACTIONSITE_QUEUES."
            ),
            needs_help=True,
        )
    return Waiting(sentence=_place_in_queue(execution, len(serving)))


def _place_in_queue(execution: Execution, worker_count: int) -> str:
    ahead = Execution.objects.ahead_of(execution).capped_count(AHEAD_CAP)
    workers = "1 worker serves" if worker_count == 1 else f"{worker_count} workers serve"
    if ahead == 0:
        return f"It is next: {workers} the queue {execution.queue}."
    verb = "is" if ahead == 1 else "are"
    return f"{capped(ahead, AHEAD_CAP)} {verb} ahead of it; {workers} the queue {execution.queue}."


def _last_seen() -> str:
    newest = Worker.objects.known().first()
    return (
        f"; {newest.label} was last heard of at {newest.heartbeat_at:%H:%M:%S} UTC"
        if newest
        else ""
    )
