"""The keys of runs and of commands to them.

Floor 4.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from actions.actors import Actor
from actions.executions import commands
from actions.executions.holders import Holder
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from workflows.models import Run
from workflows.runs import log, reading
from workflows.states import RunEventType


class RunKeys:
    """Answers for runs; `actions.executions.holders` asks."""

    def find(self, run_id: UUID) -> Holder:
        """How the run stands."""
        run = Run.objects.get(id=run_id)
        return Holder(name=run.workflow_name, status=run.status, has_ended=run.has_ended)

    def lock(self, run_id: UUID) -> Holder:
        """The same, and nobody changes it until the caller's transaction ends."""
        reading.lock([run_id])
        return self.find(run_id)

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
