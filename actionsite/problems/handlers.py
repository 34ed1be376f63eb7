"""Django's error handlers: problems for programs, pages for people. Floor: the site.

Named by the URL configuration and the settings. For pages they do what Django's own do.
"""

import sys

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.views import defaults

from actionsite.problems.answers import is_api, problem_response
from actionsite.problems.exceptions import DETAIL_OTHERWISE, DETAILS, problem_of

FAULT = (
    "The request was not completed because of a fault of ours; the log has it under the request id."
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django finds suspicious, before or outside of a view."""
    if is_api(request):
        return problem_of(exception, request) or problem_response(
            request, code="malformed-request", detail=DETAIL_OTHERWISE
        )
    response = defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        response.status_code = 413
    return response


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    if is_api(request):
        return problem_response(request, code="insufficient-scope", detail=DETAIL_OTHERWISE)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    if is_api(request):
        return problem_response(request, code="not-found", detail=DETAILS["not-found"])
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500; Django has logged the exception, which is still at hand here."""
    if not is_api(request):
        page: HttpResponseServerError = defaults.server_error(request)
        return page
    error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
    known = problem_of(error, request) if isinstance(error, Exception) else None
    return known or problem_response(request, code="internal", detail=FAULT)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW."""
    if is_api(request):
        return problem_response(request, code="csrf-refused", detail=DETAILS["csrf-refused"])
    denied = PermissionDenied(reason)
    return defaults.permission_denied(request, denied, template_name="403_csrf.html")
