"""From a document to a definition, or to everything that is wrong with it.

Floor 1, pure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from actions import canonical, limits, schema
from actions.declarative import addresses
from actions.declarative.definitions import (
    EmailDefinition,
    HttpDefinition,
    Path,
    Secret,
    secret_of,
)
from actions.declarative.document import (
    DEFAULT_RESPONSE_BYTES,
    DEFAULT_RETRIABLE,
    DEFAULT_RETURNS,
    DEFAULT_SUCCESS,
    KINDS,
)
from actions.errors import DefinitionInvalid, FieldProblem
from actions.expressions import Expression, ExpressionInvalid, Template, TemplateInvalid
from actions.expressions import compiled as compiled_expression
from actions.expressions import template as checked_template
from actions.jsontypes import JSONObject
from actions.limits import Limit, LimitInvalid
from actions.policy import PolicyInvalid, RetryPolicy

BEFORE = ("params", "execution")
AFTER = ("params", "execution", "response")
_BODIES = ("body", "form", "text")
_WITHOUT_BODY = ("GET", "HEAD")
_REPEATABLE = ("GET", "HEAD", "PUT", "DELETE")
_DEFAULT_PARAMS: JSONObject = {"type": "object", "additionalProperties": False}
_ENGINES_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "traceparent"}
)

T = TypeVar("T")


def parse(document: JSONObject) -> HttpDefinition | EmailDefinition:
    """Read the document of a declarative action.

    Raises DefinitionInvalid, whose `errors` are all that was found, each with its JSON pointer.
    """
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _invalid([_problem("/kind", f"Must be one of {', '.join(KINDS)}.", "enum")])
    reading = _Reading(document)
    reading.problems += schema.violations(KINDS[kind], document)
    found = _http(reading) if kind == "http" else _email(reading)
    if reading.problems:
        raise _invalid(sorted(dict.fromkeys(reading.problems), key=lambda problem: problem.pointer))
    return found


class _Reading:
    """A document that is being read, and the problems found so far."""

    def __init__(self, document: JSONObject) -> None:
        self.document = document
        self.problems: list[FieldProblem] = []

    def given(self, field: str, default: Any = None) -> Any:
        """The field, or the default where it is absent or has the wrong form."""
        is_wrong = any(self._is_at(problem, field) for problem in self.problems)
        return default if is_wrong else self.document.get(field, default)

    def members(self, field: str) -> list[tuple[str, str, Any]]:
        """The members of a field that have the right form: pointer, name and value."""
        given = self.document.get(field)
        if not isinstance(given, Mapping):
            return []
        named = [(f"/{field}{canonical.pointer_to([name])}", name) for name in given]
        return [
            (pointer, name, given[name])
            for pointer, name in named
            if not any(self._is_at(problem, pointer[1:]) for problem in self.problems)
        ]

    def fail(self, pointer: str, detail: str, code: str = "not-allowed") -> None:
        self.problems.append(_problem(pointer, detail, code))

    def template(self, field: str, names: tuple[str, ...], default: Any = None) -> Template | None:
        value = self.given(field, default)
        return None if value is None else self.checked(f"/{field}", value, names)

    def checked(self, pointer: str, value: Any, names: tuple[str, ...]) -> Template:
        try:
            return checked_template(value, names=names)
        except TemplateInvalid as wrong:
            self.problems += [
                replace(found, pointer=pointer + found.pointer) for found in wrong.problems
            ]
            return checked_template(None, names=names)

    def attempt(self, pointer: str, read: Callable[[], T], default: T) -> T:
        """What `read` gives, or the default after a problem."""
        try:
            return read()
        except PolicyInvalid as wrong:
            field = re.sub(r"[\[.]", "/", wrong.field.replace("]", ""))
            self.fail(f"{pointer}/{field}".rstrip("/"), _sentence(wrong.detail))
        except LimitInvalid as wrong:
            self.fail(pointer, _sentence(str(wrong)))
        except schema.SchemaInvalid as wrong:
            self.fail(pointer + wrong.pointer, wrong.detail, "schema-invalid")
        except ExpressionInvalid as wrong:
            self.fail(pointer, str(wrong), "expression-invalid")
        return default

    @staticmethod
    def _is_at(problem: FieldProblem, field: str) -> bool:
        return f"{problem.pointer}/".startswith(f"/{field}/")


def _http(reading: _Reading) -> HttpDefinition:
    method = reading.given("method", "GET")
    header = _idempotency_header(reading, method)
    _check_body(reading, method)
    url = reading.given("url")
    if isinstance(url, str):
        for detail in addresses.problems(url, is_dynamic=bool(reading.given("allow_dynamic_host"))):
            reading.fail("/url", detail)
    is_safe = method in _REPEATABLE or header is not None
    return HttpDefinition(
        **_common(reading, repeatable=is_safe),
        method=method,
        url=reading.checked("/url", url, BEFORE),
        query=reading.checked("/query", reading.given("query", {}), BEFORE),
        headers=_headers(reading, header),
        **_content(reading),
        text=reading.template("text", BEFORE),
        idempotency_header=header,
        success=_success(reading),
        retriable=frozenset(reading.given("retriable", DEFAULT_RETRIABLE)),
        returns=reading.checked("/returns", reading.given("returns", DEFAULT_RETURNS), AFTER),
        max_response_bytes=reading.given("max_response_bytes", DEFAULT_RESPONSE_BYTES),
        follow_redirects=reading.given("follow_redirects", 0),
    )


def _email(reading: _Reading) -> EmailDefinition:
    to = reading.given("to", ())
    many = to if isinstance(to, list) else [to] if to else []
    at = [f"/to/{index}" if isinstance(to, list) else "/to" for index in range(len(many))]
    return EmailDefinition(
        **_common(reading, repeatable=False),
        to=tuple(reading.checked(place, one, BEFORE) for place, one in zip(at, many, strict=True)),
        sender=reading.template("from", BEFORE),
        reply_to=reading.template("reply_to", BEFORE),
        subject=reading.checked("/subject", reading.given("subject"), BEFORE),
        text=reading.checked("/text", reading.given("text"), BEFORE),
        html=reading.template("html", BEFORE),
    )


def _common(reading: _Reading, *, repeatable: bool) -> dict[str, Any]:
    params_schema = reading.given("params", _DEFAULT_PARAMS)
    result_schema = reading.given("result") or {}
    reading.attempt("/params", lambda: schema.check(params_schema), None)
    reading.attempt("/result", lambda: schema.check(result_schema), None)
    retry = reading.given("retry", {})
    return {
        "document": reading.document,
        "description": reading.given("description", ""),
        "params_schema": params_schema,
        "result_schema": result_schema,
        "repeatable": reading.given("repeatable", repeatable),
        "retry": reading.attempt("/retry", lambda: RetryPolicy.parse(retry), RetryPolicy()),
        "timeout_seconds": reading.given("timeout"),
        "idempotency": reading.given("idempotency", "optional"),
        "key_retention": reading.given("key_retention"),
        "queue": reading.given("queue", "default"),
        "priority": reading.given("priority", 0),
        "limits": _limits(reading, params_schema),
    }


def _limits(reading: _Reading, params_schema: JSONObject) -> tuple[Limit, ...]:
    readers = (("concurrency", limits.concurrency), ("rate", limits.rate))
    found = []
    for field, read in readers:
        given = reading.given(field)
        if given is None:
            continue
        limit = reading.attempt(f"/{field}", partial(read, given), None)
        for param in limit.per if limit else ():
            reading.attempt(f"/{field}", partial(limits.check_per, param, params_schema), None)
        found += [limit] if limit else []
    return tuple(found)


def _headers(reading: _Reading, key_header: str | None) -> dict[str, Template | Secret]:
    headers: dict[str, Template | Secret] = {}
    seen = {key_header.lower()} if key_header else set()
    for pointer, name, value in reading.members("headers"):
        if name.lower() in seen:
            reading.fail(pointer, "Is sent twice; keep one.", "repeated-name")
        if name.lower() in _ENGINES_HEADERS:
            reading.fail(pointer, "Is set by the engine; drop it.")
        seen.add(name.lower())
        headers[name] = secret_of(value) or reading.checked(pointer, value, BEFORE)
    return headers


def _idempotency_header(reading: _Reading, method: str) -> str | None:
    default = None if method in _WITHOUT_BODY else "Idempotency-Key"
    header: str | None = reading.given("idempotency_header", default)
    if header is not None and header.lower() in _ENGINES_HEADERS:
        reading.fail("/idempotency_header", "Is set by the engine; use another one.")
    return header


def _check_body(reading: _Reading, method: str) -> None:
    given = [name for name in _BODIES if name in reading.document]
    if method in _WITHOUT_BODY and given:
        reading.fail(f"/{given[0]}", f"{method} has no body; drop it.")
    for name in given[1:]:
        reading.fail(f"/{name}", f"There is a {given[0]} already; keep one.")


def _content(reading: _Reading) -> dict[str, Any]:
    """The body or the form, and where in it the document says that a secret stands."""
    places = _secrets_in(reading.document.get("body"), ())
    for path, value in places:
        at = f"/body{canonical.pointer_to(path)}"
        reading.problems += schema.violations(_SECRET_SCHEMA, value, at=at)
    places += _secrets_in(reading.given("form"), ())
    secrets = [(path, secret_of(value)) for path, value in places]
    is_given = "body" in reading.document
    return {
        "body": reading.checked("/body", reading.document["body"], BEFORE) if is_given else None,
        "form": reading.template("form", BEFORE),
        "secrets": tuple((path, secret) for path, secret in secrets if secret),
    }


def _success(reading: _Reading) -> Expression:
    source = reading.given("success", DEFAULT_SUCCESS)
    default = compiled_expression(DEFAULT_SUCCESS, names=AFTER)
    return reading.attempt("/success", lambda: compiled_expression(source, names=AFTER), default)


def _secrets_in(value: Any, path: Path) -> list[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        if "$secret" in value:
            return [(path, value)]
        members: Any = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        return []
    return [found for token, inner in members for found in _secrets_in(inner, (*path, token))]


_SECRET_SCHEMA = KINDS["http"]["properties"]["headers"]["additionalProperties"]["anyOf"][1]


def _invalid(problems: list[FieldProblem]) -> DefinitionInvalid:
    first = canonical.told(problems[0])
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return DefinitionInvalid(f"The definition is refused. {first}{more}", errors=problems)


def _problem(pointer: str, detail: str, code: str) -> FieldProblem:
    return FieldProblem(pointer=pointer, code=code, detail=detail)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
