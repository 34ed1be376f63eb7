"""Views that outlast their work: the thread and the connection of a request, given back early.

Floor 5. The server keeps one thread for the synchronous code of each request, and Django its
connection, until the answer has been sent; who waits or streams needs neither meanwhile.
"""

from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import connections
from django.http import HttpResponse, HttpResponseBase
from rest_framework.response import Response

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., object])


async def in_request_thread(
    work: Callable[[], T],
) -> T:
    """Run it in the request's thread, and give its database connection back at once."""

    def work_and_give_back() -> T:
        try:
            return work()
        finally:
            _give_connections_back()

    return await sync_to_async(work_and_give_back, thread_sensitive=True)()


def _give_connections_back() -> None:
    """What Django does at a request's end; a caller's open transaction keeps its connection."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def let_thread_go() -> None:
    """End the thread that is kept for this request's synchronous code; the next will be a new one.

    The server's framework keeps one for each request until it is answered.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    if context is None:
        return
    executor = SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.shutdown(wait=False)


def posing_as(view_class: type, answer: View) -> View:
    """The function, with what Django and the schema's generator look for on a class-based view."""
    answer.cls = answer.view_class = view_class  # type: ignore[attr-defined]  # a function has any
    answer.initkwargs = {}  # type: ignore[attr-defined]  # see above
    answer.csrf_exempt = True  # type: ignore[attr-defined]  # sessions are checked by the door
    return answer


def plain(response: HttpResponseBase) -> HttpResponseBase:
    """The answer rendered, so that the server needs no thread for it."""
    if not isinstance(response, Response):
        return response
    response.render()
    return HttpResponse(response.content, status=response.status_code, headers=response.headers)
