"""The letters that users get: text in, an e-mail message out. Pure."""

import hashlib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Literal

Template = Literal["new-user-welcome-v2", "new-user-welcome-v1"]

SENDER = Address("Onboarding", "hello", "onboarding.example")


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
    clean_name = " ".join(name.split())
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = Address(clean_name, addr_spec=to)
    message["Subject"] = text.subject.format(name=clean_name)
    message["Message-ID"] = message_id
    message.set_content(text.body.format(name=clean_name, user_id=user_id))
    return message


def message_id_of(idempotency_key: str) -> str:
    """Return the Message-ID that all letters of one execution carry.

    An attempt whose answer got lost may have sent its letter. The next one sends the same id,
    by which a mailbox tells a copy from a second letter. The key is hashed because it may hold
    characters that have a meaning in a header.
    """
    digest = hashlib.sha256(idempotency_key.encode()).hexdigest()
    return f"<{digest[:32]}@{SENDER.domain}>"
