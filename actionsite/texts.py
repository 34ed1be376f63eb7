"""No page is asked with text that the database cannot hold. Floor: the site.

PostgreSQL keeps no U+0000, so there is nothing at such an address, and nothing to be found by it.
The API says itself which name or which parameter it is.
"""

from inspect import iscoroutinefunction

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from actionsite.csp import Answer
from actionsite.problems.answers import is_api

NUL = "\x00"


@sync_and_async_middleware
def storable_texts(get_response: Answer) -> Answer:
    """Answer 404 to U+0000 in the path of a page, and 400 to one in its query."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        _check(request)
        response: HttpResponseBase = get_response(request)
        return response

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        _check(request)
        response: HttpResponseBase = await get_response(request)
        return response

    return answer_async if iscoroutinefunction(get_response) else answer


def _check(request: HttpRequest) -> None:
    if is_api(request):
        return
    if NUL in request.path_info:
        raise Http404("No address has U+0000 in it.")
    if any(NUL in text for name, texts in request.GET.lists() for text in (name, *texts)):
        raise BadRequest("The query has U+0000 in it; drop it.")
