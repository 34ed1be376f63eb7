"""Start and end of a web process, as the ASGI server tells them. Floor: the site, ASGI."""

from typing import Any

from asgiref.sync import sync_to_async
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.db import connections


class Lifespan:
    """Answers the lifespan protocol; at the end the pooled connections are given back."""

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Pass on all but the lifespan."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await self.application(scope, receive, send)


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await sync_to_async(close_pools)()
            await send({"type": "lifespan.shutdown.complete"})
            return


def close_pools() -> None:
    """Close the pools of this process; requests after this open new ones."""
    for connection in connections.all():
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
