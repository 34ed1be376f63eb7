"""POST /executions/batch: many requests in one. Floor 5."""

from collections import Counter
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from actions import keys
from actions.api import bodies, intake, rows
from actions.api.door import Door
from actions.api.openapi import operations
from actions.api.shapes.requests import BATCH
from actions.api.views.submission import submitted
from actions.errors import FieldProblem, MalformedRequest, Refusal
from actions.jsontypes import JSONObject


class ExecutionBatch(Door):
    """Up to 100 requests, each accepted or refused as it would be alone."""

    asked: list[dict[str, Any]]

    def take_in(self, request: Request) -> None:
        """Read the body; keys are judged before anything runs."""
        super().take_in(request)
        body: dict[str, Any] = intake.body_of(request, shape=BATCH)
        self.asked = body["executions"]
        for one in self.asked:
            if "idempotency_key" in one:
                one["idempotency_key"] = keys.read(one["idempotency_key"])
        named = [
            (one["action"], one["idempotency_key"])
            for one in self.asked
            if "idempotency_key" in one
        ]
        twice = [pair for pair, count in Counter(named).items() if count > 1]
        if twice:
            raise _used_twice(self.asked, twice)

    @operations.EXECUTE_BATCH
    def post(self, request: Request) -> Response:
        """Submit them in order; none is waited for."""
        return Response({"object": "batch", "entries": [self._entry(one) for one in self.asked]})

    def _entry(self, asked: dict[str, Any]) -> JSONObject:
        key = asked.get("idempotency_key")
        try:
            self.check_action(asked["action"])
            submission = submitted(asked["action"], asked, by=self.principal.actor, key=key)
        except Refusal as refusal:
            return {"execution": None, "refusal": bodies.refusal(refusal)}
        row = rows.read(submission.execution.id)
        body = bodies.execution(row, is_replay=submission.is_replay)
        return {"execution": body, "refusal": None}


def _used_twice(asked: list[dict[str, Any]], twice: list[tuple[str, str]]) -> MalformedRequest:
    problems = [
        FieldProblem(
            pointer=f"/executions/{index}/idempotency_key",
            code="key-used-twice",
            detail="Stands for two requests of this batch; give each a key of its own.",
        )
        for index, one in enumerate(asked)
        if (one["action"], one.get("idempotency_key")) in twice
    ]
    return MalformedRequest(
        "An idempotency key is used twice in this batch, so nothing of it was run; give each "
        "request a key of its own.",
        errors=problems,
    )
