"""Start and end of a web process, as the ASGI server tells them. Floor: the site, ASGI."""

from asgiref.sync import sync_to_async
from django.db import connections

from actionsite.asgi_types import Application, Receive, Scope, Send


class Lifespan:
    """Answers the lifespan protocol; at the end the pooled connections are given back."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on all but the lifespan."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await self.application(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
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
