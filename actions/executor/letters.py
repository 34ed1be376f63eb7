"""The letter of an e-mail definition, filled in.

Floor 3. Nothing that is filled in can begin a header of its own or add a recipient: the library reads
headers that it is given as if they had come from elsewhere, and decodes them, so `headers` writes ours.
"""

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, parseaddr

from actions.declarative import EmailDefinition
from actions.errors import Final
from actions.executor import headers
from actions.expressions import ExpressionFailed, Template
from actions.jsontypes import JSON

MAX_RECIPIENTS = 50
MAX_ADDRESS = 320
# Also those of C1, of which some end a line as well, and halves of characters, which are no text.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HALF = re.compile(r"[\ud800-\udfff]")
# Is read as text in another encoding, where it may stand; in an address it may not.
_ENCODED = "=?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A letter that can be sent: its envelope and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    content: bytes


def letter(
    definition: EmailDefinition, seen: Mapping[str, JSON], *, key: str, sender: str
) -> Letter:
    """Fill in a definition; the Message-ID follows from the idempotency key.

    `sender` is the installation's address, for a definition without one. Raises Final
    `expression_failed`, `address_invalid`, `header_invalid` or `text_invalid`, which name the field;
    nothing has been sent then.
    """
    try:
        return _letter(definition, seen, key=key, sender=sender)
    except ExpressionFailed as failed:
        raise Final("expression_failed", str(failed)) from failed


def _letter(
    definition: EmailDefinition, seen: Mapping[str, JSON], *, key: str, sender: str
) -> Letter:
    origin = _address("from", definition.sender.text(seen) if definition.sender else sender)
    recipients = [one for to in definition.to for one in _recipients(to, seen)]
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise Final(
            "address_invalid",
            f"There are {len(recipients)} recipients; give 1 to {MAX_RECIPIENTS}.",
        )
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    message_id = f"<{digest}@{origin.domain}>"
    lines = [_line("From", headers.of_addresses([origin]))]
    lines.append(_line("To", headers.of_addresses(recipients)))
    if definition.reply_to is not None:
        answers_to = _address("reply_to", definition.reply_to.text(seen))
        lines.append(_line("Reply-To", headers.of_addresses([answers_to])))
    subject = _one_line("subject", definition.subject.text(seen))
    lines.append(_line("Subject", headers.of_text(subject)))
    lines += [_line("Date", format_datetime(localtime())), _line("Message-ID", message_id)]
    return Letter(
        sender=origin.addr_spec,
        recipients=tuple(dict.fromkeys(one.addr_spec for one in recipients)),
        message_id=message_id,
        content="".join(lines).encode("ascii") + _body(definition, seen),
    )


def _line(name: str, value: str) -> str:
    return f"{name}: {value}\r\n"


def _body(definition: EmailDefinition, seen: Mapping[str, JSON]) -> bytes:
    """The rest of the letter: the headers that are ours alone, and what is written."""
    message = EmailMessage(policy=SMTP)
    message.set_content(_text("text", definition.text.text(seen)))
    if definition.html is not None:
        written = _text("html", definition.html.text(seen, escape=html.escape))
        message.add_alternative(written, subtype="html")
    return message.as_bytes()


def _text(field: str, text: str) -> str:
    if _HALF.search(text):
        raise Final("text_invalid", f"The field {field} has half a character, which is no text.")
    return text


def _recipients(template: Template, seen: Mapping[str, JSON]) -> list[Address]:
    """The address that a template gives, or all of a list of them."""
    value = template.render(seen)
    texts = value if isinstance(value, list) else [value]
    return [_address("to", text) for text in texts]


def _address(field: str, text: object) -> Address:
    """One address, with or without a name before it: `Ada <ada@example.com>`."""
    if isinstance(text, str) and 3 <= len(text) <= MAX_ADDRESS and not _CONTROL.search(text):
        name, spec = parseaddr(text)
        is_one = text.strip() in (spec, f"<{spec}>") or text.rstrip().endswith(f"<{spec}>")
        try:
            address = Address(display_name=name, addr_spec=spec)
        except (ValueError, IndexError, MessageError):
            is_one = False
        is_plain = spec.isascii() and _ENCODED not in spec
        if is_one and is_plain and address.username and address.domain:
            return address
    raise Final("address_invalid", f"The field {field} holds no single e-mail address in ASCII.")


def _one_line(field: str, text: str) -> str:
    if _CONTROL.search(text):
        raise Final("header_invalid", f"The {field} has a line break or another control character.")
    return text
