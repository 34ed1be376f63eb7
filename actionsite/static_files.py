"""Serves /static/ beside Django, not through it. Floor: the site, ASGI.

WhiteNoise's own Django middleware is sync only, and one sync middleware would pin a thread for
every call that waits. Here its index of files and headers is used by a small ASGI application.
"""

import asyncio
import re
from contextlib import closing
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise  # type: ignore[import-untyped]  # it ships no types

from actionsite.asgi_types import Application, Receive, Scope, Send

ONE_HOUR = 60 * 60
# collectstatic puts twelve digits of the content's hash before the suffix.
HASHED = re.compile(r"^.+\.[0-9a-f]{12}\.[^/]+$")


class StaticFiles:
    """An ASGI application in front of another; answers only for files that were collected."""

    def __init__(self, application: Application, *, root: Path, prefix: str) -> None:
        self.application = application
        self.index = WhiteNoise(
            None,
            max_age=ONE_HOUR,
            allow_all_origins=False,
            immutable_file_test=lambda _, url: bool(HASHED.match(url)),
            add_headers_function=_no_sniffing,
        )
        if root.is_dir():
            self.index.add_files(str(root), prefix=prefix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file of that path, or let the application answer."""
        file = self.index.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None:
            await self.application(scope, receive, send)
        else:
            await _answer(file, scope, send)


async def _answer(file: Any, scope: Scope, send: Send) -> None:
    asked = {
        f"HTTP_{name.decode('latin1').upper().replace('-', '_')}": value.decode("latin1")
        for name, value in scope["headers"]
    }
    response = await asyncio.to_thread(file.get_response, scope["method"], asked)
    headers = [
        (name.lower().encode("latin1"), value.encode("latin1")) for name, value in response.headers
    ]
    content = b""
    if response.file is not None:
        with closing(response.file):
            content = await asyncio.to_thread(response.file.read)
    await send({"type": "http.response.start", "status": int(response.status), "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _no_sniffing(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
