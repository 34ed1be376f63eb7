"""Writes problem documents. Floor: the site."""

import json
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from actions.errors import FieldProblem
from actionsite.problems.catalogue import Kind, kind_of

CONTENT_TYPE = "application/problem+json"
API_PREFIX = "/api/"
WAYS_IN = "Bearer"


def problem_response(
    request: HttpRequest, *, code: str, detail: str, errors: Iterable[FieldProblem] = ()
) -> HttpResponse:
    """The answer to a refused request: a problem document with its headers."""
    kind = kind_of(code)
    document = {
        "type": f"{settings.ACTIONSITE_BASE_URL}/api/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.path,
        "code": kind.code,
        "request_id": getattr(request, "request_id", ""),
        "retriable": kind.retry_after is not None,
        "errors": [
            {"pointer": error.pointer, "code": error.code, "detail": error.detail}
            for error in errors
        ],
    }
    return HttpResponse(
        json.dumps(document, ensure_ascii=False),
        status=kind.status,
        headers={"Content-Type": CONTENT_TYPE, **_headers(kind)},
    )


def is_api(request: HttpRequest) -> bool:
    """Does a program ask, and not a person?"""
    return request.path.startswith(API_PREFIX)


def _headers(kind: Kind) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", "X-Error-Source": "api"}
    if kind.retry_after is not None:
        headers["Retry-After"] = str(kind.retry_after)
    if kind.code == "unauthenticated":
        headers["WWW-Authenticate"] = WAYS_IN
    return headers
