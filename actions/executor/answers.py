"""The answer to an HTTP request, read within bounds.

Floor 3. The size is counted after unpacking, and unpacking stops where the bound is reached, so a
small answer cannot become a large one.
"""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from actions import canonical, masking
from actions.errors import MalformedJson, Uncertain
from actions.jsontypes import JSON
from actions.policy import MAX_DELAY_SECONDS

_GZIP = 16 + zlib.MAX_WBITS
_MAX_HEADER = 8_192
# What is not for everybody who may see a result.
_HIDDEN_HEADERS = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "authorization"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Status, headers in lower case, the body as text, and as JSON where it is that."""

    status: int
    headers: dict[str, str]
    text: str
    body: JSON

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def as_json(self) -> JSON:
        """What expressions see as `response`."""
        return {"status": self.status, "headers": self.headers, "body": self.body}


async def read(response: Any, *, max_bytes: int) -> Answer:
    """Read an answer of at most `max_bytes`, unpacked.

    Raises Uncertain `response_too_large`, `response_unreadable`, or `response_not_json` for a
    successful answer that calls itself JSON and is none: another attempt would not help.
    """
    raw = await _unpacked(response, max_bytes=max_bytes)
    headers = {
        name.lower(): value[:_MAX_HEADER].replace("\x00", "")
        for name, value in response.headers.items()
        if name.lower() not in _HIDDEN_HEADERS
    }
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    status, text = response.status_code, _text(raw, response)
    body: JSON = text or None
    if raw and (kind == "application/json" or kind.endswith("+json")):
        try:
            body = canonical.parse(raw, max_bytes=max_bytes)
        except MalformedJson as malformed:
            if HTTPStatus(200) <= status < HTTPStatus.MULTIPLE_CHOICES:
                why = masking.told_refusal(malformed).detail
                said = f"The answer says that it is JSON and is not. {why}"
                raise Uncertain("response_not_json", said, may_help=False) from malformed
    return Answer(status=status, headers=headers, text=text, body=body)


def retry_after_seconds(header: str | None, *, now: datetime | None = None) -> float | None:
    """Read a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date; None if neither.

    What is longer than anybody waits is MAX_DELAY_SECONDS.
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        return min(float(header), MAX_DELAY_SECONDS)
    try:
        moment = parsedate_to_datetime(header)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_DELAY_SECONDS)


async def _unpacked(response: Any, *, max_bytes: int) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        said = f"The answer is packed as {encoding[:40]!r}, which was not asked for."
        raise Uncertain("response_unreadable", said, may_help=False)
    unpack = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
    whole = bytearray()
    try:
        async for piece in response.aiter_raw():
            room = max_bytes + 1 - len(whole)
            whole += piece[:room] if unpack is None else unpack.decompress(piece, room)
            if len(whole) > max_bytes:
                said = f"The answer has more than {max_bytes:,} bytes; raise max_response_bytes."
                raise Uncertain("response_too_large", said, may_help=False)
    except zlib.error as broken:
        raise _no_gzip() from broken
    if whole and unpack is not None and not unpack.eof:
        raise _no_gzip()
    return bytes(whole)


def _no_gzip() -> Uncertain:
    said = "The answer is not the gzip that it says it is, or not all of it."
    return Uncertain("response_unreadable", said, may_help=False)


def _text(raw: bytes, response: Any) -> str:
    encoding = response.charset_encoding or "utf-8"
    try:
        text = raw.decode(encoding, "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
