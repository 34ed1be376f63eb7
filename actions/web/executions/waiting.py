"""Why an execution is not running, in one sentence computed from rows.

Floor 5, a door.
"""

from collections.abc import Sequence
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
    return Waiting(sentence=f"{_place(execution)}; {_workers(execution, serving)}.")


def _place(execution: Execution) -> str:
    ahead = Execution.objects.ahead_of(execution).capped_count(AHEAD_CAP)
    if ahead == 0:
        return "It is next"
    return f"{capped(ahead, AHEAD_CAP)} {'is' if ahead == 1 else 'are'} ahead of it"


def _workers(execution: Execution, serving: Sequence[Worker]) -> str:
    is_one = len(serving) == 1
    if all(worker.idle_since is None for worker in serving):
        who = "the only worker" if is_one else f"all {len(serving)} workers"
        return f"{who} of the queue {execution.queue} {'is' if is_one else 'are'} busy"
    return (
        f"{len(serving)} worker{'' if is_one else 's'} of the queue {execution.queue} can take it"
    )


def _last_seen() -> str:
    newest = Worker.objects.known().first()
    return (
        f"; {newest.label} was last heard of at {newest.heartbeat_at:%H:%M:%S} UTC"
        if newest
        else ""
    )
