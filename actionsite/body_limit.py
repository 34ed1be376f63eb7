"""Refuses bodies over the limit before they are stored anywhere. Floor: the site, ASGI.

Django reads a whole body to disk before any view or middleware runs, whatever its length. Here
the body is cut off instead, and the scope is marked, so that the answer is still Django's to give.
"""

from collections.abc import Mapping
from typing import Any

from actionsite.asgi_types import Application, Receive, Scope, Send

TOO_LARGE = "actionsite.body_too_large"


class BodyLimit:
    """An ASGI application in front of another; exactly `limit` bytes are still fine."""

    def __init__(self, application: Application, *, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body no longer than the limit."""
        if scope["type"] == "http":
            receive = self._bounded(scope, receive)
        await self.application(scope, receive, send)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        received = 0
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        is_over = announced.isdigit() and int(announced) > self.limit

        async def receive_bounded() -> Mapping[str, Any]:
            nonlocal received, is_over
            if not is_over:
                event = await receive()
                received += len(event.get("body", b""))
                is_over = received > self.limit
                if not is_over:
                    return event
            if scope.get(TOO_LARGE):
                return await _after_body(receive)
            scope[TOO_LARGE] = True
            return {"type": "http.request", "body": b"", "more_body": False}

        return receive_bounded


async def _after_body(receive: Receive) -> Mapping[str, Any]:
    # The rest of the body is read and dropped: the application was told that it has ended.
    while (event := await receive())["type"] == "http.request":
        pass
    return event
