"""Waiting for the end of an execution. Floor 5."""

from datetime import datetime
from uuid import UUID

from actions import executions
from actions.api import rows
from actions.api.waiting.view import WaitingDoor
from actions.models import Execution


class ExecutionDoor(WaitingDoor[Execution]):
    """A view that answers with one execution."""

    def expect(self, identity: UUID, *, until: datetime) -> None:
        """Have its end told, if it ends until then."""
        executions.expect(execution_id=identity, until=until)

    def read(self, identity: UUID) -> Execution:
        """The execution as it is now."""
        return rows.read(identity)

    def completed(self, row: Execution) -> Execution:
        """The row with its version and the expiry of its key."""
        return rows.completed(row)
