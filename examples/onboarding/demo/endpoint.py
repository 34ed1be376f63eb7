"""The demo's HTTP endpoint: sandboxes for the action, and the switch of the mail server.

A plain ASGI application on the loopback interface. A web page in the visitor's browser could send
requests here too, so the switch asks for a header that a page cannot add to a foreign address,
and every request for a Host that is ours.
"""

import json
from typing import Any

from onboarding.demo.mailbox import HOST, Mailbox, PortTaken
from onboarding.demo.sandboxes import Answer, SandboxService

CONTROL_HEADER = "X-Demo-Control"
_MAX_BODY = 65_536
_SHOWN_MAILS = 20


class BodyTooLarge(Exception):
    """A request's body exceeds what the demo takes."""


class Endpoint:
    """The ASGI application."""

    def __init__(self, *, mailbox: Mailbox, sandboxes: SandboxService) -> None:
        self._mailbox = mailbox
        self._sandboxes = sandboxes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        answer = await self._answer(scope, headers, receive)
        body = json.dumps(answer.body).encode()
        length = str(len(body)).encode()
        kind = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": answer.status, "headers": kind})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Any, headers: dict[str, str], receive: Any) -> Answer:
        if headers.get("host", "").rsplit(":", 1)[0] not in {HOST, "localhost"}:
            return _refused(421, "This service answers to the loopback address only.")
        match scope["method"], scope["path"]:
            case "GET", "/mail":
                return self._mail()
            case "POST", "/sandboxes":
                return await self._sandbox(headers, receive)
            case "POST", ("/mail/start" | "/mail/stop") as path:
                return await self._switch(path, headers)
        return _refused(404, "There are POST /sandboxes, GET /mail, POST /mail/start and /stop.")

    def _mail(self) -> Answer:
        state = {"is_up": self._mailbox.is_up, "port": self._mailbox.port}
        mails = self._mailbox.newest(_SHOWN_MAILS)
        return Answer(status=200, body={**state, "count": len(self._mailbox), "mails": mails})

    async def _sandbox(self, headers: dict[str, str], receive: Any) -> Answer:
        try:
            body = json.loads(await _body(receive))
        except BodyTooLarge:
            return _refused(413, f"The body has more than {_MAX_BODY} bytes.")
        except ValueError:
            return _refused(400, "The body is not JSON.")
        return self._sandboxes.make(key=headers.get("idempotency-key", ""), body=body)

    async def _switch(self, path: str, headers: dict[str, str]) -> Answer:
        if CONTROL_HEADER.lower() not in headers:
            return _refused(403, f"Send the header {CONTROL_HEADER}: 1.")
        try:
            await (self._mailbox.start() if path == "/mail/start" else self._mailbox.stop())
        except PortTaken as taken:
            return _refused(409, str(taken))
        return self._mail()


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > _MAX_BODY:
            raise BodyTooLarge
        if not message.get("more_body"):
            return body


def _refused(status: int, detail: str) -> Answer:
    return Answer(status=status, body={"detail": detail})
