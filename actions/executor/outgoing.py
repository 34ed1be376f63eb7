"""The HTTP request of a definition, filled in: address, headers and body.

Floor 3. All that can be wrong here is found before anything is sent, so it is known that nothing
has happened: Final, with the words of the expression or of the header.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

from actions import canonical
from actions.context import Context
from actions.declarative import HttpDefinition, Secret, addresses
from actions.errors import Final
from actions.expressions import ExpressionFailed, entered
from actions.expressions.templates import Escape
from actions.jsontypes import JSON, JSONObject

MAX_URL = 8_192
_BASE_HEADERS = {
    "user-agent": "Actionsite",
    "accept": "application/json, */*;q=0.5",
    # What we can unpack piece by piece, and so within bounds.
    "accept-encoding": "gzip",
}
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A request that can be sent; `headers` may hold secrets and are never shown."""

    method: str
    url: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    content: bytes | None = field(repr=False)


def variables(params: JSONObject, params_schema: JSONObject, context: Context) -> dict[str, JSON]:
    """What templates see before anything has been sent."""
    return {
        "params": entered(params_schema, params),
        "execution": {
            "id": context.execution_id,
            "attempt": context.attempt,
            "key": context.idempotency_key,
        },
    }


def outgoing(
    definition: HttpDefinition,
    seen: Mapping[str, JSON],
    context: Context,
    *,
    traceparent: str | None,
) -> Outgoing:
    """Fill in a definition; raises Final `expression_failed`, `url_invalid`, `header_invalid`."""
    try:
        url = _url(definition, seen)
        content, kind = _content(definition, seen, context)
        headers = _headers(definition, seen, context)
    except ExpressionFailed as failed:
        raise Final("expression_failed", str(failed)) from failed
    base = dict(_BASE_HEADERS)
    if kind is not None:
        base["content-type"] = kind
    if definition.idempotency_header is not None:
        base[definition.idempotency_header.lower()] = context.idempotency_key
    if traceparent is not None:
        base["traceparent"] = traceparent
    return Outgoing(
        method=definition.method,
        url=url,
        headers=[(name.encode(), _value(name, text)) for name, text in (base | headers).items()],
        content=content,
    )


def shown(url: str) -> str:
    """A URL as a message may have it: without its query, which may hold anything."""
    return url.partition("?")[0][:500]


def _url(definition: HttpDefinition, seen: Mapping[str, JSON]) -> str:
    begins_open = str(definition.document["url"]).startswith("${{")
    url = definition.url.text(seen, escape=_escape(begins_open=begins_open))
    query = urlencode(list(_pairs(definition.query.render(seen))))
    if query:
        url += ("&" if "?" in url else "?") + query
    if len(url) > MAX_URL:
        raise Final("url_invalid", f"The URL has {len(url):,} characters of at most {MAX_URL:,}.")
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc
        is_whole = is_plain and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or addresses.is_climbing(url) or _CONTROL.search(url) or "\\" in url:
        raise Final(
            "url_invalid",
            f"Filled in, {shown(url)!r} is no address that may be called; look at the params.",
        )
    return url


def _escape(*, begins_open: bool) -> Escape:
    """Every value is quoted, except one with which the URL begins: the definition allows that."""
    numbers = count()

    def escape(value: str) -> str:
        is_first = next(numbers) == 0
        return value if is_first and begins_open else addresses.filled_in(value)

    return escape


def _pairs(rendered: Any) -> Iterator[tuple[str, str]]:
    """Names and values of a query or a form; null is left out, a list repeats its name."""
    for name, value in rendered.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield name, one if isinstance(one, str) else canonical.canonical(one).decode()


def _headers(
    definition: HttpDefinition, seen: Mapping[str, JSON], context: Context
) -> dict[str, str]:
    return {
        name.lower(): _secret(value, context) if isinstance(value, Secret) else value.text(seen)
        for name, value in definition.headers.items()
    }


def _content(
    definition: HttpDefinition, seen: Mapping[str, JSON], context: Context
) -> tuple[bytes | None, str | None]:
    if definition.body is not None:
        body = _with_secrets(definition.body.render(seen), definition, context)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return text.encode(), "application/json"
    if definition.form is not None:
        pairs = list(_pairs(_with_secrets(definition.form.render(seen), definition, context)))
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    if definition.text is not None:
        return definition.text.text(seen).encode(), "text/plain; charset=utf-8"
    return None, None


def _with_secrets(filled: Any, definition: HttpDefinition, context: Context) -> Any:
    """The body or the form with the secrets in their places."""
    for path, secret in definition.secrets:
        filled = _placed(filled, path, _secret(secret, context))
    return filled


def _placed(document: Any, path: tuple[str | int, ...], value: str) -> Any:
    """The document with the value at that place."""
    if not path:
        return value
    inner: Any = document
    for token in path[:-1]:
        inner = inner[token]
    inner[path[-1]] = value
    return document


def _secret(secret: Secret, context: Context) -> str:
    return secret.prefix + context.secret(secret.name)


def _value(name: str, text: str) -> bytes:
    if _CONTROL.search(text) or text != text.strip():
        raise Final(
            "header_invalid",
            f"The value of the header {name} has a line break, another control character or a "
            "blank at its end; nothing was sent.",
        )
    return text.encode()
