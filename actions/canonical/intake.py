"""Reading a body: strict, within bounds, and every refusal says where and what to do.

Floor 1, pure. Python's parser alone is too kind (NaN, repeated names, half surrogates) and fails
unkindly (RecursionError on deep nesting, ValueError on long integers).
"""

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn

from actions.canonical.plain import MAX_DEPTH, MAX_INTEGER, first_problem, pointer_to, told
from actions.errors import FieldProblem, MalformedJson, PayloadTooLarge

_MAX_DIGITS = 309  # 10^308 has as many
_MAX_SHOWN_NAME = 60

_STRING = r'"(?:[^"\\]++|\\.)*+"'
_STRINGS = re.compile(_STRING, re.DOTALL)
_TOKENS = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}

# An escaped U+0000 or half of a surrogate pair. An escaped backslash before it makes a false
# alarm, which the slow look clears up.
_SUSPICIOUS_ESCAPE = re.compile(
    r"\\u(?:0000|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2}))"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)

_SYNTAX = (
    ("Expecting value", "a value is expected here; text needs double quotes"),
    ("Expecting property name", "a name in double quotes is expected here; drop a trailing comma"),
    ("Expecting ',' delimiter", "a comma or the end of the list or object is expected here"),
    ("Expecting ':' delimiter", "a colon is expected here, between a name and its value"),
    ("Extra data", "the value has ended and something follows; send one value"),
    ("Unterminated string", "the text that begins here is not closed; add a double quote"),
    ("Invalid control character", "a control character stands here; write it as an escape, as \\n"),
    ("Invalid \\uXXXX", "this \\u escape is not followed by four hexadecimal digits"),
    ("Invalid \\escape", "this escape is unknown; write a backslash as \\\\"),
)


class _Suspicious(Exception):
    """Something that JSON does not allow was seen, as yet without its place."""


def parse(raw: bytes, *, max_bytes: int) -> Any:
    """Read one JSON value (RFC 8259) from a body of at most `max_bytes` bytes.

    Refused beyond bad syntax: a byte order mark, repeated names, NaN and Infinity, numbers beyond
    the range of a float, integers beyond 10^308, U+0000, lone surrogates, nesting over 64.
    Raises PayloadTooLarge, or MalformedJson with the place and what to do; nothing else.
    """
    if len(raw) > max_bytes:
        raise PayloadTooLarge(
            f"The body has {len(raw):,} bytes and at most {max_bytes:,} are accepted; send less, "
            "or send a reference to where the rest is kept."
        )
    text = _decoded(raw)
    _refuse_deep_nesting(text)
    try:
        value = _read(text, _STRICT)
    except _Suspicious:
        value = _read(text, _LENIENT)
        _refuse_problem(value)
    if "\\u" in text and _SUSPICIOUS_ESCAPE.search(text):
        _refuse_problem(value)
    return value


def _read(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as wrong:
        raise MalformedJson(_syntax_detail(wrong)) from None


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise MalformedJson("The body begins with a byte order mark; send UTF-8 without one.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as wrong:
        detail = f"The body is not UTF-8 at byte {wrong.start}; encode it as UTF-8."
        raise MalformedJson(detail) from None
    if not text.strip(" \t\r\n"):
        raise MalformedJson("The body is empty; send a JSON object, at least {}.")
    return text


def _refuse_deep_nesting(text: str) -> None:
    """Bound the depth before the parser, which recurses, sees the text."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    brackets = _NOT_BRACKETS.sub("", _STRINGS.sub("", text))
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise MalformedJson(
            f"The body is nested deeper than {MAX_DEPTH} levels at {_depth_position(text)}; "
            "flatten it, or send the inner part as text."
        )


def _depth_position(text: str) -> str:
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += _STEP.get(token[0], 0)
        if depth > MAX_DEPTH:
            return _position(text, token.start())
    return "its end"


def _position(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return f"line {line}, column {column}"


def _syntax_detail(wrong: json.JSONDecodeError) -> str:
    where = f"line {wrong.lineno}, column {wrong.colno}"
    for beginning, advice in _SYNTAX:
        if wrong.msg.startswith(beginning):
            return f"The body is not JSON at {where}: {advice}."
    return f"The body is not JSON at {where}."


def _strict_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Suspicious
    return members


def _strict_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _Suspicious
    return number


def _strict_integer(digits: str) -> int:
    # The length comes first: int() of thousands of digits is slow, or refused by Python itself.
    if len(digits) < _MAX_DIGITS:
        return int(digits)
    if len(digits) > _MAX_DIGITS + 1 or abs(number := int(digits)) > MAX_INTEGER:
        raise _Suspicious
    return number


def _strict_constant(name: str) -> NoReturn:
    raise _Suspicious(name)


_STRICT = json.JSONDecoder(
    object_pairs_hook=_strict_members,
    parse_float=_strict_float,
    parse_int=_strict_integer,
    parse_constant=_strict_constant,
)


class _Repeating(dict[str, Any]):
    """The members of an object that has one name twice."""

    repeated_name: str


def _lenient_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = _Repeating(pairs)
    if len(members) == len(pairs):
        return dict(members)
    counts = Counter(name for name, _ in pairs)
    members.repeated_name = next(name for name, count in counts.items() if count > 1)
    return members


def _lenient_integer(digits: str) -> int:
    return int(digits) if len(digits) <= _MAX_DIGITS + 1 else MAX_INTEGER + 1


# Reads what the strict one stops at, keeping it in the value, so that its place can be told.
_LENIENT = json.JSONDecoder(object_pairs_hook=_lenient_members, parse_int=_lenient_integer)


def _refuse_problem(value: Any) -> None:
    problem = _repeated_name(value) or first_problem(value)
    if problem is not None:
        raise MalformedJson(f"The body is refused. {told(problem)}", errors=(problem,))


def _repeated_name(value: Any) -> FieldProblem | None:
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while pending:
        path, current = pending.pop()
        if isinstance(current, _Repeating):
            return _repeated_at(path, current.repeated_name)
        if isinstance(current, dict | list):
            members = current.items() if isinstance(current, dict) else enumerate(current)
            pending += [((*path, token), member) for token, member in members]
    return None


def _repeated_at(path: tuple[str | int, ...], name: str) -> FieldProblem:
    shown = _storable(name)[:_MAX_SHOWN_NAME]
    return FieldProblem(
        pointer=_storable(pointer_to(path)),
        code="repeated-name",
        detail=f'The name "{shown}" stands twice in one object; keep one of them.',
    )


def _storable(text: str) -> str:
    """Without what could not be sent back: this text has not been checked yet."""
    return text.replace("\x00", "?").encode(errors="replace").decode()
