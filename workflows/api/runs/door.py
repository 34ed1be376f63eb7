"""What every view of a run has in common. Floor 5."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions import ids
from actions.api import intake
from actions.api.bodies import moment
from actions.api.door import Door
from actions.api.views.answers import ASK_AGAIN_SECONDS
from actions.api.waiting.hub import look_also
from actions.api.waiting.view import WaitingDoor
from actions.jsontypes import JSONObject
from workflows import runs
from workflows.api.runs import bodies, links
from workflows.api.runs.standing import Standing, standing_of
from workflows.errors import RunNotFound
from workflows.models import Run

look_also(Run.objects.ended_among)


class RunLookout(Door):
    """A view that finds runs."""

    def find(self, shown_id: str) -> Run:  # type: ignore[override]  # an execution elsewhere
        """The run of that id, if the caller may know of its workflow; raises RunNotFound."""
        try:
            found = Run.objects.by_id(ids.parse(ids.PREFIX_RUN, shown_id))
        except ValueError as wrong:
            raise RunNotFound(f"{wrong} Send the id as it was answered.") from None
        if found is None or not self.principal.sees(found.workflow_name):
            raise RunNotFound(f"There is no run {shown_id}; /api/v1/runs lists them.")
        return found


class RunDoor(RunLookout, WaitingDoor[Standing]):
    """A view that answers with one run, and waits for its end if the caller wishes."""

    def expect(self, identity: UUID, *, until: datetime) -> None:
        """Have its end told, if it ends until then."""
        runs.expect(run_id=identity, until=until)

    def read(self, identity: UUID) -> Standing:
        """The run as it is now."""
        row = Run.objects.by_id(identity)
        if row is None:
            raise LookupError(f"The run {identity} was there and is gone.")
        return standing_of(row)

    def completed(self, row: Standing) -> Standing:
        """Itself: it was read whole."""
        return row

    def answer_for(self, run: Run, *, is_replay: bool = False) -> Response:
        """Answer with that run, which was changed or made by this call."""
        return self.answer_with(self.expecting(self.read(run.id)), is_replay=is_replay)


class RunCommand(RunDoor):
    """A command to one run, with a body by its `shape`."""

    shape: ClassVar[dict[str, Any]]

    body: JSONObject
    key: str | None

    def take_in(self, request: Request) -> None:
        """Read the body and the key."""
        super().take_in(request)
        self.body = intake.body_of(
            request, shape=self.shape, may_be_empty="required" not in self.shape
        )
        self.key = intake.key_of(request, self.body)

    def said(self, name: str) -> str:
        """A text of the body; empty if it was left out."""
        return str(self.body.get(name, ""))

    def answer(self, row: Standing) -> Response:
        """200 once the run has ended, 202 before."""
        headers = {**headers_of(self, row), "Location": links.run(row.run.id)}
        if self.is_replay:
            headers["Idempotent-Replayed"] = "true"
        code = status.HTTP_200_OK if row.has_ended else status.HTTP_202_ACCEPTED
        body = bodies.run(row, is_replay=self.is_replay)
        return Response(body, status=code, headers=headers)


def headers_of(view: RunDoor, row: Standing) -> dict[str, str]:
    """What every answer with a run says beside its body."""
    headers: dict[str, str] = {}
    expires_at = moment(row.key_expires_at)
    if expires_at is not None:
        headers["Idempotency-Expires"] = expires_at
    if row.run.error is not None:
        headers["X-Error-Source"] = "action"
    if not row.has_ended:
        headers["Retry-After"] = str(ASK_AGAIN_SECONDS)
    if view.patience.applied:
        headers["Preference-Applied"] = view.patience.applied
    return headers
