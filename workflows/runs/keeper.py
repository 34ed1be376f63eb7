"""The keys of runs and of commands to them.

Floor 4.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from actions import ids
from actions.actors import Actor
from actions.executions import commands
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from actions.models.holder import HolderTable
from actions.states import KeyKind
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

    def note_release(self, run_id: UUID, *, by: Actor, facts: JSONObject) -> None:
        """Write into its log that its key was released."""
        log.append(run_id, RunEventType.KEY_RELEASED, by=by, facts=facts)


def done_before(target: Run, *, key: str | None, asked: JSONObject) -> IdempotencyRecord | None:
    """The record of that command, if it came before with this key.

    Raises IdempotencyKeyReused if another one did.
    """
    if key is None:
        return None
    return commands.done_before(target=target.shown_id, key=key, asked=asked)


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
        retention=timedelta(days=settings.ACTIONSITE_KEY_RETENTION_DAYS),
        run_id=(outcome or target).id,
    )
