"""Catches every error under /api/ that is not a problem document yet. Floor: the site.

Django, its middleware and plain views answer HTML or nothing; programs get a problem instead.
"""

from inspect import iscoroutinefunction

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from actionsite.body_limit import TOO_LARGE
from actionsite.csp import Answer
from actionsite.problems.answers import CONTENT_TYPE, is_api, problem_response
from actionsite.problems.catalogue import kind_of_status
from actionsite.problems.exceptions import DETAILS
from actionsite.problems.handlers import FAULT

ERRORS_FROM = 400
KEPT_HEADERS = ("Allow", "Retry-After", "Vary")
DETAIL_OF_STATUS = {
    401: "Send an API key: Authorization: Bearer and the key.",
    405: "This address does not take that method; the Allow header says which it takes.",
    500: FAULT,
}
DETAIL_OTHERWISE = "The request was refused."


@sync_and_async_middleware
def problem_net(get_response: Answer) -> Answer:
    """Stands outside of all that may answer an error."""

    def caught(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return _problem_for(request, response) if _is_foreign(request, response) else response

    def answer(request: HttpRequest) -> HttpResponseBase:
        return caught(request, _too_large(request) or get_response(request))

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        return caught(request, _too_large(request) or await get_response(request))

    return answer_async if iscoroutinefunction(get_response) else answer


def _too_large(request: HttpRequest) -> HttpResponse | None:
    # The server cut the body off before Django could read it (body_limit).
    if not getattr(request, "scope", {}).get(TOO_LARGE):
        return None
    detail = DETAILS["payload-too-large"]
    if is_api(request):
        return problem_response(request, code="payload-too-large", detail=detail)
    return HttpResponse(detail, status=413, content_type="text/plain; charset=utf-8")


def _is_foreign(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code < ERRORS_FROM or not is_api(request):
        return False
    return response.headers.get("Content-Type") != CONTENT_TYPE


def _problem_for(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    kind = kind_of_status(response.status_code)
    detail = DETAIL_OF_STATUS.get(kind.status) or DETAILS.get(kind.code) or DETAIL_OTHERWISE
    problem = problem_response(request, code=kind.code, detail=detail)
    for name in KEPT_HEADERS:
        if name in response.headers:
            problem.headers[name] = response.headers[name]
    # Django still looks at the cookies that a middleware wished to set.
    problem.cookies = response.cookies
    # The first answer is dropped and not closed: closing it would end the whole request.
    return problem
