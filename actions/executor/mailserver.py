"""The mail server of an installation, as its setting names it.

Floor 3, though pure: only the site and the e-mail runner need it.
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

Security = Literal["tls", "starttls", "plain"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
    "smtp": ("plain", 25),
}


class MailServerInvalid(ValueError):
    """An address of a mail server that cannot be; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where letters are handed in, how the connection is kept private, and as whom."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)


def parse_server(url: str) -> MailServer:
    """Read `smtps://user:password@host:port`, `smtp+starttls://…` or `smtp://…`.

    A password is never sent in the open, so `smtp://` has none. Raises MailServerInvalid, which
    shows no password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("is no address") from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise _wrong(f"begins with {parts.scheme[:20]!r} or has no host")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _wrong("has something after its host")
    security, usual_port = _SCHEMES[parts.scheme]
    if parts.username and security == "plain":
        raise _wrong("would send its password in the open")
    return MailServer(
        host=parts.hostname,
        port=port or usual_port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _wrong(what: str) -> MailServerInvalid:
    return MailServerInvalid(
        f"The address of the mail server {what}; write smtps://user:password@mail.example.com:465, "
        "smtp+starttls://… or, without a password, smtp://…"
    )
