"""The log of an execution as a stream of server-sent events, or as pages of JSON. Floor 5.

Who asks for `text/event-stream` is given every event after the last that was seen, then each as it
is written, and the end of the stream once the execution has ended. Whoever loses the connection
resumes with `Last-Event-ID`; after ten minutes everybody has to, so that a key that was revoked
follows nothing for long.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from actions.api import bodies
from actions.api.following.hub import Hub, hub_of_this_loop
from actions.api.following.wish import STREAM, Following
from actions.api.threads import in_request_thread, let_thread_go, plain, posing_as
from actions.models import ExecutionEvent

# A comment now and then keeps proxies from taking the stream for dead.
SILENCE_SECONDS = 15.0
LONGEST_SECONDS = 600.0
# When a client is to come back, in milliseconds.
COME_BACK = 1_000

AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def following_view(view_class: Any) -> AsyncView:
    """What the address of a log leads to: `view_class`, or a stream for who asks for one."""
    view = view_class.as_view()

    async def answer(request: HttpRequest, **captured: str) -> HttpResponseBase:
        hub = hub_of_this_loop()
        following = Following(is_full=hub.is_full)
        request.following = following  # type: ignore[attr-defined]  # read by the view
        response: HttpResponseBase = await in_request_thread(
            lambda: plain(view(request, **captured))
        )
        if following.execution_id is None:
            return response
        let_thread_go()
        events = _events(hub, following.execution_id, after=following.after)
        return _streamed(events, like=response)

    return posing_as(view_class, answer)


def _streamed(events: AsyncIterator[bytes], *, like: HttpResponseBase) -> HttpResponseBase:
    stream = StreamingHttpResponse(events, content_type=STREAM)
    for name, value in like.headers.items():
        if name.lower() not in ("content-type", "content-length"):
            stream.headers[name] = value
    # Of nginx: let through what comes, when it comes.
    stream.headers["X-Accel-Buffering"] = "no"
    return stream


async def _events(hub: Hub, execution_id: UUID, *, after: int) -> AsyncIterator[bytes]:
    until = time.monotonic() + LONGEST_SECONDS
    yield f"retry: {COME_BACK}\n\n".encode()
    with hub.place(execution_id, after=after) as follower:
        while (left := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(min(left, SILENCE_SECONDS)):
                    await follower.has_news.wait()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            for event in follower.take():
                yield _written(event)
            if follower.is_over:
                yield b"event: end\ndata: {}\n\n"
                return


def _written(event: ExecutionEvent) -> bytes:
    written = json.dumps(bodies.event(event), ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.seq}\nevent: {event.type}\ndata: {written}\n\n".encode()
