"""POST /actions/{name}/executions: run an action, at most once for each key. Floor 5."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import intake
from actions.api.openapi import operations
from actions.api.shapes.requests import EXECUTE
from actions.api.views.answers import of_command
from actions.api.views.submission import submitted
from actions.api.waiting.executions import ExecutionDoor
from actions.jsontypes import JSONObject
from actions.models import Execution


class ActionExecutions(ExecutionDoor):
    """The executions of one action."""

    shape = EXECUTE
    default_wait: ClassVar[float] = 5

    body: JSONObject
    key: str | None

    def take_in(self, request: Request) -> None:
        """Read the body and the key."""
        super().take_in(request)
        self.body = intake.body_of(request, shape=self.shape)
        self.key = intake.key_of(request, self.body)

    @operations.EXECUTE
    def post(self, request: Request, name: str) -> Response:
        """Submit, and answer with the execution that this led to."""
        self.check_action(name)
        submission = submitted(
            name,
            self.body,
            by=self.principal.actor,
            key=self.key,
            waited_until=self.waits_until,
        )
        return self.answer_with(
            submission.execution, is_replay=submission.is_replay, is_new=submission.is_new
        )

    def answer(self, row: Execution) -> Response:
        """200 once it has ended, 202 before."""
        return of_command(row, patience=self.patience, is_replay=self.is_replay)
