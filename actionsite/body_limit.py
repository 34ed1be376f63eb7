"""Refuses bodies over the limit before they are stored anywhere. Floor: the site, ASGI.

Django reads a whole body to disk before any view or middleware runs, whatever its length. Here
the body is cut off instead, and the scope is marked, so that the answer is still Django's to give.
"""

from typing import Any

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

TOO_LARGE = "actionsite.body_too_large"


class BodyLimit:
    """An ASGI application in front of another; exactly `limit` bytes are still fine."""

    def __init__(self, application: ASGI3Application, *, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Pass the request on, its body no longer than the limit."""
        if scope["type"] == "http":
            receive = self._bounded(scope, receive)
        await self.application(scope, receive, send)

    def _bounded(self, scope: Any, receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
        received = 0
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        is_over = announced.isdigit() and int(announced) > self.limit

        async def receive_bounded() -> Any:
            nonlocal received, is_over
            if not is_over:
                event = await receive()
                received += len(event.get("body", b""))
                is_over = received > self.limit
                if not is_over:
                    return event
            if scope.get(TOO_LARGE):
                return await receive()
            scope[TOO_LARGE] = True
            return {"type": "http.request", "body": b"", "more_body": False}

        return receive_bounded
