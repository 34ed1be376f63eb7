"""The letters that onboarding sends: text in, an e-mail message out. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Literal

Template = Literal["new-user-welcome-v2", "new-user-welcome-v1"]

SENDER = Address("Onboarding", "hello", "onboarding.example")
TEAM = Address("The team", "team", "onboarding.example")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Text:
    subject: str
    body: str


_TEXTS: dict[Template, _Text] = {
    "new-user-welcome-v2": _Text(
        subject="Welcome, {name}",
        body="Hello {name},\n\nyour account {user_id} is ready. Your sandbox follows shortly.\n",
    ),
    "new-user-welcome-v1": _Text(
        subject="Welcome",
        body="Hello {name},\n\nyour account {user_id} is ready.\n",
    ),
}


def welcome(
    *, template: Template, to: str, name: str, user_id: str, message_id: str
) -> EmailMessage:
    """Write the letter; line breaks in a name cannot add headers."""
    text = _TEXTS[template]
    clean_name = _one_line(name)
    message = _message(Address(clean_name, addr_spec=to), message_id=message_id)
    message["Subject"] = text.subject.format(name=clean_name)
    message.set_content(text.body.format(name=clean_name, user_id=user_id))
    return message


def invitation(*, to: str, host: str, message_id: str) -> EmailMessage:
    """Invite somebody in the name of a user; line breaks in it cannot add headers."""
    message = _message(Address(addr_spec=to), message_id=message_id)
    message["Subject"] = f"{_one_line(host)} invites you"
    message.set_content(f"Hello,\n\n{_one_line(host)} would like to work with you here.\n")
    return message


def report(*, day: date, figures: Mapping[str, str], message_id: str) -> EmailMessage:
    """Write the report on a day to the team, a line for each figure."""
    message = _message(TEAM, message_id=message_id)
    message["Subject"] = f"Onboarding on {day.isoformat()}"
    message.set_content("".join(f"{name}: {figure}\n" for name, figure in figures.items()))
    return message


def _message(to: Address, *, message_id: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = to
    message["Message-ID"] = message_id
    return message


def _one_line(name: str) -> str:
    return " ".join(name.split())


def message_id_of(idempotency_key: str) -> str:
    """Return the Message-ID that all letters of one execution carry.

    An attempt whose answer got lost may have sent its letter. The next one sends the same id,
    by which a mailbox tells a copy from a second letter. The key is hashed because it may hold
    characters that have a meaning in a header.
    """
    digest = hashlib.sha256(idempotency_key.encode()).hexdigest()
    return f"<{digest[:32]}@{SENDER.domain}>"
