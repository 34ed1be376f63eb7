"""What may be done with an execution: cancel it, run it again. Floor 5."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions import executions
from actions.api import intake
from actions.api.openapi import operations
from actions.api.shapes.requests import CANCEL, RERUN
from actions.api.views.answers import of_command
from actions.api.views.refusals import placed_in_body
from actions.api.waiting.executions import ExecutionDoor
from actions.jsontypes import JSONObject
from actions.models import Execution


class Command(ExecutionDoor):
    """A command to one execution; its body may be left out."""

    shape: ClassVar[dict[str, Any]]

    body: JSONObject
    key: str | None

    def take_in(self, request: Request) -> None:
        """Read the body and the key."""
        super().take_in(request)
        self.body = intake.body_of(request, shape=self.shape, may_be_empty=True)
        self.key = intake.key_of(request, self.body)

    @property
    def reason(self) -> str:
        """Why, in the caller's words."""
        return str(self.body.get("reason", ""))

    def answer(self, row: Execution) -> Response:
        """200 once it has ended, 202 before."""
        return of_command(row, patience=self.patience, is_replay=self.is_replay)


class ExecutionCancel(Command):
    """The end of an execution, on request. A repeat has no further effect, with a key or without."""

    shape = CANCEL

    @operations.CANCEL
    def post(self, request: Request, execution_id: str) -> Response:
        """Cancel it at once if it waits, else ask the worker that runs it to stop."""
        found = self.find(execution_id)
        cancelled = executions.cancel(
            execution_id=found.id, by=self.principal.actor, reason=self.reason, key=self.key
        )
        return self.answer_with(self.expecting(cancelled), is_replay=cancelled.is_replay)


class ExecutionRerun(Command):
    """A new execution in the place of an ended one."""

    shape = RERUN

    @operations.RERUN
    def post(self, request: Request, execution_id: str) -> Response:
        """Start it, with the same params or with others."""
        old = self.find(execution_id)
        params: Any = self.body.get("params")
        with placed_in_body():
            new = executions.rerun(
                execution_id=old.id,
                by=self.principal.actor,
                reason=self.reason,
                params=params,
                key=self.key,
            )
        is_replay = new.is_replay
        return self.answer_with(self.expecting(new), is_replay=is_replay, is_new=not is_replay)
