"""A name for every request, to find it again in logs, events and problems. Floor: the site."""

import re
from inspect import iscoroutinefunction

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from actions import ids
from actionsite.csp import Answer

HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")


@sync_and_async_middleware
def request_ids(get_response: Answer) -> Answer:
    """Take the caller's id if it is sane, else make one; `request.request_id`, always echoed."""

    def name(request: HttpRequest) -> str:
        sent = request.headers.get(HEADER, "")
        request_id = sent if SANE.fullmatch(sent) else ids.show(ids.PREFIX_REQUEST, ids.new_id())
        request.request_id = request_id  # type: ignore[attr-defined]  # ours to add
        return request_id

    def answer(request: HttpRequest) -> HttpResponseBase:
        request_id = name(request)
        response: HttpResponseBase = get_response(request)
        response.headers[HEADER] = request_id
        return response

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        request_id = name(request)
        response: HttpResponseBase = await get_response(request)
        response.headers[HEADER] = request_id
        return response

    return answer_async if iscoroutinefunction(get_response) else answer
