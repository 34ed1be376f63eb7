"""From what was raised to a problem: the REST framework's handler and Django's. Floor: the site.

What is not known here is left to Django, which logs it and answers 500; the net makes a problem
of that, without a word about its cause.
"""

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as rest

from actions.errors import FieldProblem, Refusal
from actionsite.problems.answers import problem_response

logger = logging.getLogger(__name__)

CSRF_MARK = "CSRF Failed"

# The first that fits counts; details of the framework are written for people, so they pass.
CODES: tuple[tuple[type[Exception], str], ...] = (
    (rest.NotAuthenticated, "unauthenticated"),
    (rest.AuthenticationFailed, "unauthenticated"),
    (rest.PermissionDenied, "insufficient-scope"),
    (rest.NotFound, "not-found"),
    (rest.MethodNotAllowed, "method-not-allowed"),
    (rest.NotAcceptable, "not-acceptable"),
    (rest.UnsupportedMediaType, "unsupported-media-type"),
    (rest.Throttled, "quota-exceeded"),
    (rest.ParseError, "malformed-json"),
    (rest.ValidationError, "malformed-request"),
    (PermissionDenied, "insufficient-scope"),
    (Http404, "not-found"),
    (RequestDataTooBig, "payload-too-large"),
    (DisallowedHost, "host-not-allowed"),
    (SuspiciousOperation, "malformed-request"),
    (OperationalError, "not-accepting"),
)
# What is said instead of the exception's own words, which say too much or too little.
DETAILS = {
    "not-accepting": "The database did not answer in time; send the same request with the same "
    "key again.",
    "payload-too-large": f"The body has more than the {settings.ACTIONSITE_MAX_BODY_BYTES:,} bytes "
    "that are accepted; send less, or send a reference to where the rest is kept.",
    "host-not-allowed": "The Host header names none of ACTIONSITE_ALLOWED_HOSTS.",
    "csrf-refused": "The session's CSRF token is missing or wrong; reload the page, or call with "
    "an API key.",
    "not-found": "There is nothing at this address; /api/docs/ lists what there is.",
}
DETAIL_OTHERWISE = "The request cannot be understood as it was sent."


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """The REST framework's EXCEPTION_HANDLER: a problem, or None for what is not a refusal."""
    return problem_of(error, context["request"]._request)


def problem_of(error: Exception, request: HttpRequest) -> HttpResponse | None:
    """The problem that stands for `error`, or None if it is a fault of ours."""
    if isinstance(error, Refusal):
        return problem_response(request, code=error.code, detail=error.detail, errors=error.errors)
    code = _code_of(error)
    if code is None:
        return None
    if isinstance(error, OperationalError):
        logger.warning("Answered that the service cannot accept now: %s", error)
    response = problem_response(
        request, code=code, detail=_detail_of(error, code), errors=_errors_of(error)
    )
    wait = getattr(error, "wait", None)
    if isinstance(error, rest.Throttled) and wait is not None:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _code_of(error: Exception) -> str | None:
    if isinstance(error, rest.PermissionDenied) and str(error.detail).startswith(CSRF_MARK):
        return "csrf-refused"
    return next((code for kind, code in CODES if isinstance(error, kind)), None)


def _detail_of(error: Exception, code: str) -> str:
    if code in DETAILS:
        return DETAILS[code]
    detail = getattr(error, "detail", None)
    return str(detail) if isinstance(detail, str) else DETAIL_OTHERWISE


def _errors_of(error: Exception) -> list[FieldProblem]:
    if not isinstance(error, rest.ValidationError):
        return []
    return [
        FieldProblem(pointer=pointer, code=str(detail.code), detail=str(detail))
        for pointer, detail in _leaves(error.detail, "")
    ]


def _leaves(detail: Any, pointer: str) -> Iterator[tuple[str, rest.ErrorDetail]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            is_whole = name == "non_field_errors"
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _leaves(inner, pointer if is_whole else f"{pointer}/{escaped}")
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_leaf = isinstance(inner, rest.ErrorDetail)
            yield from _leaves(inner, pointer if is_leaf else f"{pointer}/{number}")
    else:
        yield pointer, detail
