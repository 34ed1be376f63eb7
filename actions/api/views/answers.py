"""One execution as an answer: status, headers and body. Floor 5."""

from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import bodies, links
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
    """What reading it answers: 200, or 304 to a caller who has this revision already."""
    headers = {**_headers(row), "ETag": f'"{row.revision}"'}
    if patience.applied:
        headers["Preference-Applied"] = patience.applied
    if has_it_already(request, headers["ETag"]):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(bodies.execution(row), headers=headers)


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


def has_it_already(request: Request, etag: str) -> bool:
    """Whether the caller says that it has what that ETag stands for."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in (one.removeprefix("W/") for one in known)
