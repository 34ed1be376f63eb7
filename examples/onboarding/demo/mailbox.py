"""A real SMTP server on the loopback interface that keeps what it is sent, and can be down.

Down means that its port is closed: a sender's connection is refused by the system, exactly as
when a real mail server has died.
"""

import asyncio
import weakref
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from onboarding.demo import switch
from onboarding.demo.shelf import Record, Shelf

HOST = "127.0.0.1"
# Its mail is refused for good, so that one can see what becomes of that.
NOBODY = "nobody@"
_KEPT_MAILS = 100
_MAX_BYTES = 262_144
_MAX_TEXT = 2_000


class PortTaken(Exception):
    """Another program listens where the mail server should."""


class Mailbox:
    """The mail server and what it has caught. All methods belong to the event loop's thread."""

    def __init__(self, *, directory: Path, port: int) -> None:
        self.port = port
        self._directory = directory
        self._caught = Shelf(directory / "demo-mails.json", limit=_KEPT_MAILS)
        self._server: asyncio.Server | None = None
        self._sessions: weakref.WeakSet[SMTP] = weakref.WeakSet()

    @property
    def is_up(self) -> bool:
        """Whether the port is open."""
        return self._server is not None

    async def restore(self) -> None:
        """Be up or down as before the restart."""
        if switch.read(self._directory).is_up:
            await self.start()

    async def start(self) -> None:
        """Open the port, and stay so over a restart. Raises PortTaken."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            try:
                self._server = await loop.create_server(self._session, HOST, self.port)
            except OSError as taken:
                raise PortTaken(
                    f"The demo's mail server cannot listen on {HOST}:{self.port} ({taken}); "
                    "set ACTIONSITE_DEMO_SMTP_PORT to a free port."
                ) from taken
        switch.write(self._directory, is_up=True)

    async def stop(self) -> None:
        """Close the port and every open connection, and stay so over a restart."""
        await self.close()
        switch.write(self._directory, is_up=False)

    async def close(self) -> None:
        """Close the port for now; the switch stays as it is."""
        if self._server is None:
            return
        self._server.close()
        for session in list(self._sessions):
            if session.transport is not None:
                session.transport.close()
        await self._server.wait_closed()
        self._server = None

    def newest(self, count: int) -> list[Record]:
        """Return the last mails, the newest first."""
        return self._caught.newest(count)

    def __len__(self) -> int:
        return len(self._caught)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take mail for anybody but nobody."""
        if address.lower().startswith(NOBODY):
            return "550 5.1.1 There is no mailbox of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail; a copy, known by its Message-ID, is counted and not kept again."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        message = message_from_bytes(raw, policy=policy.default)
        known = self._caught.find("message_id", message["Message-ID"])
        if known is not None and message["Message-ID"]:
            known["copies"] += 1
            self._caught.save()
            return "250 OK, had it already"
        self._caught.add(_kept(message, to=envelope.rcpt_tos))
        return "250 OK"

    def _session(self) -> SMTP:
        session = SMTP(self, hostname="mail.onboarding.example", data_size_limit=_MAX_BYTES)
        self._sessions.add(session)
        return session


def _kept(message: EmailMessage, *, to: list[str]) -> Record:
    body = message.get_body(("plain",))
    return {
        "message_id": str(message["Message-ID"] or ""),
        "to": to,
        "subject": str(message["Subject"] or ""),
        "text": str(body.get_content() if body else "")[:_MAX_TEXT],
        "received_at": datetime.now(UTC).isoformat(),
        "copies": 1,
    }
