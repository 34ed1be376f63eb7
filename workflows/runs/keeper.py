"""The keys of runs and of commands to them.

Floor 4.
"""

from uuid import UUID

from actions import ids
from actions.actors import Actor
from actions.executions import commands
from actions.jsontypes import JSONObject
from actions.models.holder import HolderTable
from actions.states import EventType, KeyKind
from workflows.models import Run, RunEvent
from workflows.runs import log, reading
from workflows.states import RUN_ENDED, RunEventType, RunStatus


class RunKeys:
    """Answers for runs; `actions.executions.holders` asks."""

    table = HolderTable(
        column="run_id",
        prefix=ids.PREFIX_RUN,
        name="workflow_name",
        rows=Run.objects.named_like,
        log=RunEvent,
        kinds=frozenset({KeyKind.WORKFLOW, KeyKind.COMMAND}),
        statuses=RunStatus,
        ended=RUN_ENDED,
    )

    def lock(self, run_id: UUID) -> None:
        """Let nobody change the run until the caller's transaction ends."""
        reading.lock([run_id])

    def note(self, run_id: UUID, event: EventType, *, by: Actor, facts: JSONObject) -> None:
        """Write into its log what happened to a key of it."""
        log.append(run_id, RunEventType(event), by=by, facts=facts)


def done_before(target: Run, *, key: str | None, asked: JSONObject, by: Actor) -> Run | None:
    """The run that the command led to, as it is now and with `is_replay`, if it came before with
    this key.

    The repeat is counted and noted, and so is a refusal: raises IdempotencyKeyReused if another
    command came with it.
    """
    if key is None:
        return None
    record = commands.done_before(target=target.shown_id, key=key, asked=asked, by=by)
    if record is None:
        return None
    found = Run.objects.get(id=record.holder_id)
    found.is_replay = True
    return found


def remember(
    target: Run, *, key: str | None, asked: JSONObject, outcome: Run | None = None
) -> None:
    """Write down that a command with this key was done, and the run that it led to, if another.

    It stands in the caller's transaction; a command without a key is not remembered.
    """
    if key is None:
        return
    commands.remember(
        target=target.shown_id,
        key=key,
        asked=asked,
        run_id=(outcome or target).id,
    )
