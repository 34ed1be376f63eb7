"""A name for every request, to find it again in logs, events and problems. Floor: the site.

A proxy may rename a request. So a client may also send a name of its own, which only comes back: by it
an answer is told from that to another request.
"""

import re
from inspect import iscoroutinefunction

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from actions import ids
from actionsite.csp import Answer

HEADER = "X-Request-Id"
CLIENT_HEADER = "X-Client-Request-Id"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,99}")  # as long as the columns


@sync_and_async_middleware
def request_ids(get_response: Answer) -> Answer:
    """Take the caller's id if it is sane, else make one; `request.request_id`, always echoed."""

    def name(request: HttpRequest) -> str:
        sent = request.headers.get(HEADER, "")
        request_id = sent if SANE.fullmatch(sent) else ids.show(ids.PREFIX_REQUEST, ids.new_id())
        request.request_id = request_id  # type: ignore[attr-defined]  # ours to add
        return request_id

    def named(
        request: HttpRequest, response: HttpResponseBase, request_id: str
    ) -> HttpResponseBase:
        response.headers[HEADER] = request_id
        of_client = request.headers.get(CLIENT_HEADER, "")
        if SANE.fullmatch(of_client):
            response.headers[CLIENT_HEADER] = of_client
        return response

    def answer(request: HttpRequest) -> HttpResponseBase:
        request_id = name(request)
        response: HttpResponseBase = get_response(request)
        return named(request, response, request_id)

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        request_id = name(request)
        response: HttpResponseBase = await get_response(request)
        return named(request, response, request_id)

    return answer_async if iscoroutinefunction(get_response) else answer
