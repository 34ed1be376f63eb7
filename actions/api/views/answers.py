"""One execution as an answer: status, headers and body. Floor 5."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import bodies, links
from actions.api.etags import tagged
from actions.api.patience import Patience
from actions.models import Execution

# Seconds after which asking again for something unfinished makes sense.
ASK_AGAIN_SECONDS = 1


def of_command(row: Execution, *, patience: Patience, is_replay: bool = False) -> Response:
    """What a call answers that led to this execution: 200 once it has ended, else 202."""
    headers = {**_headers(row), "Location": links.execution(row.id)}
    if is_replay:
        headers["Idempotent-Replayed"] = "true"
    if patience.applied:
        headers["Preference-Applied"] = patience.applied
    code = status.HTTP_200_OK if row.is_terminal else status.HTTP_202_ACCEPTED
    return Response(bodies.execution(row, is_replay=is_replay), status=code, headers=headers)


def of_read(row: Execution, request: Request, *, patience: Patience) -> Response:
    """What reading it answers: 200, or 304 to a caller who has it already."""
    headers = _headers(row)
    if patience.applied:
        headers["Preference-Applied"] = patience.applied
    return tagged(request, bodies.execution(row), headers=headers)


def _headers(row: Execution) -> dict[str, str]:
    headers: dict[str, str] = {}
    expires_at = bodies.moment(row.key_expires_at)
    if expires_at is not None:
        headers["Idempotency-Expires"] = expires_at
    if row.error is not None:
        headers["X-Error-Source"] = "action"
    if not row.is_terminal:
        headers["Retry-After"] = str(ASK_AGAIN_SECONDS)
    return headers
