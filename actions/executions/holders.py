"""What keys stand for, executions and runs, as the release of a key and a look at it need them.

Floor 4. Runs stand on this floor's shoulders and are not known here: their keeper registers itself.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from actions.actors import Actor
from actions.executions import events
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord
from actions.states import EventType


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """What a key stands for; `name` is that of its action or workflow."""

    name: str
    status: str
    has_ended: bool


class RunKeeper(Protocol):
    """What the keeper of runs has to offer."""

    def find(self, run_id: UUID) -> Holder:
        """How the run stands."""

    def lock(self, run_id: UUID) -> Holder:
        """The same, and nobody changes it until the caller's transaction ends."""

    def note_release(self, run_id: UUID, *, by: Actor, facts: JSONObject) -> None:
        """Write into its log, in the caller's transaction, that its key was released."""


_keepers: list[RunKeeper] = []


def register(keeper: RunKeeper) -> None:
    """Ask this one about runs."""
    _keepers[:] = [keeper]


def find(record: IdempotencyRecord) -> Holder:
    """What the key stands for, as it is now."""
    if record.run_id is not None:
        return _keepers[0].find(record.run_id)
    return _of(record.execution)


def lock(record: IdempotencyRecord) -> Holder:
    """The same, locked until the caller's transaction ends."""
    if record.run_id is not None:
        return _keepers[0].lock(record.run_id)
    execution = Execution.objects.locked(record.holder_id)
    if execution is None:
        raise LookupError(f"The execution {record.shown_holder} was there and is gone.")
    return _of(execution)


def note_release(record: IdempotencyRecord, *, by: Actor, facts: JSONObject) -> None:
    """Write into the log of what the key stands for that it was released."""
    if record.run_id is not None:
        _keepers[0].note_release(record.run_id, by=by, facts=facts)
    else:
        events.append(record.holder_id, EventType.KEY_RELEASED, by=by, facts=facts)


def _of(execution: Execution) -> Holder:
    return Holder(
        name=execution.action_name, status=execution.status, has_ended=execution.is_terminal
    )
