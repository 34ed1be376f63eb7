"""What a request brings: its body, read strictly, its key and its query. Floor 5.

The framework's own reading is passed by: it takes a body without a declared length for none, and
its parser lets through what the database refuses.
"""

import re
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from actions import canonical, keys, masking
from actions.api.etags import NUMBERED_PATTERN
from actions.errors import FieldProblem, IdempotencyKeyAmbiguous, MalformedJson, MalformedRequest
from actions.jsontypes import JSONObject
from actions.schema.tree import Schema

KEY_HEADER = "Idempotency-Key"
_NUMBERED = re.compile(NUMBERED_PATTERN, re.ASCII)
_UTF_8 = frozenset({"", "utf-8", "utf8"})


class StrictJson(BaseParser):
    """JSON as actions/canonical reads it, within ACTIONSITE_MAX_BODY_BYTES."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The value of the body; raises MalformedJson or PayloadTooLarge."""
        return canonical.parse(stream.read(), max_bytes=settings.ACTIONSITE_MAX_BODY_BYTES)


def body_of(request: Request, *, shape: Schema, may_be_empty: bool = False) -> JSONObject:
    """The request's body, once it is known to have that shape; raises the refusals of a body."""
    raw = _raw_body(request)
    if not raw and may_be_empty:
        return {}
    try:
        value = canonical.parse(raw, max_bytes=settings.ACTIONSITE_MAX_BODY_BYTES)
    except MalformedJson as refused:
        raise masking.told_refusal(refused) from None
    problems = masking.misfits(shape, value)
    if problems:
        raise MalformedRequest(
            f"The body does not fit this call. {canonical.told(problems[0])} "
            "The address /api/schema/ describes what fits.",
            errors=problems,
        )
    body: JSONObject = value
    return body


def key_of(request: Request, body: JSONObject) -> str | None:
    """The idempotency key of the header or of the body; raises if it is no key, or two of them."""
    header, in_body = _key_header(request), body.get("idempotency_key")
    from_header = None if header is None else keys.read(header)
    from_body = keys.read(in_body) if isinstance(in_body, str) else None
    if from_header and from_body and from_header != from_body:
        raise IdempotencyKeyAmbiguous(
            f"The {KEY_HEADER} header and the body's idempotency_key differ; send one of them, "
            "or the same in both."
        )
    return from_header or from_body


def refuse_key(request: Request) -> None:
    """Refuse a key where it would count for nothing: who sent it counts on it."""
    if _key_header(request) is not None:
        detail = (
            f"This call takes no {KEY_HEADER} header; leave it out. In a batch, each request has an "
            "idempotency_key of its own."
        )
        raise MalformedRequest(detail, errors=[_problem(KEY_HEADER, "key-not-taken", detail)])


def _key_header(request: Request) -> str | None:
    """The header's value; raises if it was sent twice, which servers join with a comma."""
    scope: dict[str, Any] = getattr(request._request, "scope", {})  # DRF's own way
    sent = [value for name, value in scope.get("headers", ()) if name == b"idempotency-key"]
    if len(set(sent)) > 1:
        raise IdempotencyKeyAmbiguous(
            f"The {KEY_HEADER} header was sent {len(sent)} times with different keys; send one."
        )
    found: str | None = request.headers.get(KEY_HEADER)
    return found


def check_query(
    request: Request,
    *,
    known: frozenset[str],
    families: tuple[str, ...] = (),
    repeatable: frozenset[str] = frozenset(),
) -> None:
    """Refuse a query parameter that this call does not have, and text that no value has.

    A call has those that are `known`, and those that begin like one of the `families`. Only the
    latter and those that are `repeatable` may come twice: of two values nobody knows which counts.
    """
    problems = []
    for name, values in request.query_params.lists():
        is_relative = name.startswith(families) and name not in families
        if name not in known and not is_relative:
            every = known | {f"{family}<path>" for family in families}
            problems.append(_problem(name, "unknown-parameter", _unknown(name, every)))
        elif len(values) > 1 and not is_relative and name not in repeatable:
            detail = f"The query parameter {name} was sent {len(values)} times; send it once."
            problems.append(_problem(name, "repeated-parameter", detail))
        elif any("\x00" in value for value in values):
            problems.append(_problem(name, "nul-character", f"{name} has U+0000 in it; drop it."))
    if problems:
        raise MalformedRequest(problems[0].detail, errors=problems)


def limit_of(request: Request, *, default: int, most: int) -> int:
    """How many entries a page shall have; raises MalformedRequest."""
    text = request.query_params.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        detail = f"The limit is {text[:40]!r}; give a whole number from 1 to {most}."
        raise MalformedRequest(detail, errors=[_problem("limit", "limit-invalid", detail)])
    return int(text)


def expected_version(request: Request) -> int | None:
    """The number in If-Match; None without that header. Raises MalformedRequest."""
    sent = request.headers.get("If-Match")
    if sent is None:
        return None
    found = _NUMBERED.fullmatch(sent.strip())
    if found is None:
        detail = f"If-Match is {sent[:40]!r}; send the ETag that reading it answered."
        raise MalformedRequest(detail, errors=[_problem("If-Match", "etag-invalid", detail)])
    return int(found[1])


def _raw_body(request: Request) -> bytes:
    """The body's bytes, which need no media type only where there are none."""
    _check_encoding(request)
    # What says to be something else is not read: the search for a CSRF token may have read a form.
    if request.content_type:
        _check_media_type(request)
    raw = request._request.body
    if raw:
        _check_media_type(request)
    return raw


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("Content-Encoding", "").strip()
    if encoding.lower() not in ("", "identity"):
        raise UnsupportedMediaType(
            encoding,
            detail=f"The body has the content encoding {encoding[:60]!r}; send it as it is, "
            "without the header Content-Encoding.",
        )


def _check_media_type(request: Request) -> None:
    kind, _, parameters = (request.content_type or "").partition(";")
    charset = parameters.lower().partition("charset=")[2].split(";")[0].strip(' "')
    if kind.strip().lower() != StrictJson.media_type or charset not in _UTF_8:
        raise UnsupportedMediaType(
            kind,
            detail=f"The body has the media type {request.content_type[:60] or '(none)'!r}; send "
            "JSON in UTF-8 and the header Content-Type: application/json.",
        )


def _unknown(name: str, known: frozenset[str]) -> str:
    takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
    return f"This call has no query parameter {name[:60]!r}; {takes}."


def _problem(name: str, code: str, detail: str) -> FieldProblem:
    return FieldProblem(pointer=f"/{name[:60]}", code=code, detail=detail)
