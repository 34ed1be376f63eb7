"""Where a page of a list begins, as a text that only this API reads. Floor 5, pure."""

import base64
import binascii
from typing import NoReturn
from uuid import UUID

from actions.errors import FieldProblem, MalformedRequest

_VERSION = b"\x01"
_MAX_LENGTH = 200
_NUMBER = b"#"
_MAX_DIGITS = 18


def after_id(identity: UUID) -> str:
    """The cursor of what follows that id."""
    return _written(identity.bytes)


def id_of(cursor: str) -> UUID:
    """The id after which the page begins; raises MalformedRequest."""
    raw = _read(cursor)
    return UUID(bytes=raw) if len(raw) == 16 else _refuse()


def after_name(name: str) -> str:
    """The cursor of what follows that name."""
    return _written(name.encode())


def name_of(cursor: str) -> str:
    """The name after which the page begins; raises MalformedRequest."""
    raw = _read(cursor)
    name = raw.decode() if raw.isascii() else ""
    return name if name and name.isprintable() else _refuse()


def after_number(number: int) -> str:
    """The cursor of what follows that number."""
    return _written(_NUMBER + str(number).encode())


def number_of(cursor: str) -> int:
    """The number after which the page begins, less than 2^63; raises MalformedRequest."""
    raw = _read(cursor)
    digits = raw.removeprefix(_NUMBER)
    is_number = raw != digits and digits.isdigit() and len(digits) <= _MAX_DIGITS
    return int(digits) if is_number else _refuse()


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(_VERSION + raw).decode().rstrip("=")


def _read(cursor: str) -> bytes:
    if len(cursor) > _MAX_LENGTH or not cursor.isascii():
        _refuse()
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        _refuse()
    return raw[1:] if raw[:1] == _VERSION else _refuse()


def _refuse() -> NoReturn:
    detail = "The cursor is not one that this list has given; leave it out to begin anew."
    problem = FieldProblem(pointer="/cursor", code="cursor-invalid", detail=detail)
    raise MalformedRequest(detail, errors=[problem])
