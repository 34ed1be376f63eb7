"""ETags: what changes with everything that a reading answers. Floor 5.

One is a digest of the body. Where a change has to name what was seen (If-Match), the number of that
stands in front of it, with a dot; of such an ETag the number counts.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

_DIGITS = 16
# The form of those with a number, as a client may send it.
NUMBERED_PATTERN = f'(?:W/)?"?([0-9]{{1,9}})(?:\\.[0-9a-f]{{{_DIGITS}}})?"?'
_READING = ("GET", "HEAD")


def tagged(
    request: Request,
    body: Any,
    *,
    number: int | None = None,
    code: int = status.HTTP_200_OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer with its ETag, or 304 to a reader who has it already."""
    etag = _etag(body, number=number, media_type=request.accepted_media_type or "")
    told = {**(headers or {}), "ETag": etag}
    if request.method in _READING and _has(request, etag):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=told)
    return Response(body, status=code, headers=told)


def _etag(body: Any, *, number: int | None, media_type: str) -> str:
    # The database keeps no order of members.
    text = json.dumps([media_type, body], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return f'"{digest}"' if number is None else f'"{number}.{digest}"'


def _has(request: Request, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in (one.removeprefix("W/") for one in known)
