"""JSON and nothing else. Floor 5."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class CompactJson(BaseRenderer):
    """A value as JSON text: UTF-8, no spaces, members in the order in which they were put."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,  # noqa: A002, RUF100  # the framework's name for it
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of the body; none for an answer without one."""
        if data is None:
            return b""
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


class JsonOnly(DefaultContentNegotiation):
    """Answers whoever accepts JSON."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The JSON renderer; raises NotAcceptable for a caller who takes none."""
        if any(one in _FITTING for one in accepted_types(request)):
            return next(iter(renderers)), CompactJson.media_type
        raise NotAcceptable("This API answers JSON only; send Accept: application/json.")


def accepted_types(request: Request) -> list[str]:
    """The media types that the caller takes, as they were sent; without those of quality 0."""
    accepted = request.headers.get("Accept", "*/*").lower().split(",")
    return [part.split(";")[0].strip() for part in accepted if not _NOT_AT_ALL.search(part)]


# RFC 9110, section 12.4.2: what has a weight of 0 is not acceptable.
_NOT_AT_ALL = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*(;|$)")
_FITTING = frozenset(
    {"", "*/*", "application/*", CompactJson.media_type, "application/problem+json"}
)
