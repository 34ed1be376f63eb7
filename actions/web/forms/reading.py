"""From what a form sent to the params, and back.

Floor 5, a door; values in, values out. An empty field means that the value is absent: to send an
empty text or null, write the params as JSON.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from actions.errors import FieldProblem
from actions.jsontypes import JSON, JSONObject
from actions.web.forms.shape import Shape

WHOLE_JSON = "params.json"


class _Absent:
    """A value that was not given; null is a value."""


ABSENT: Final = _Absent()
Given = JSON | _Absent


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The params that a form gave, and what could not be read."""

    params: JSONObject
    problems: tuple[FieldProblem, ...]


def read(shape: Shape, texts: Mapping[str, str]) -> Reading:
    """Read the fields of a form; a text that is no number, say, is a problem at its field."""
    problems: list[FieldProblem] = []
    value = _value(shape, texts, problems)
    params = value if isinstance(value, dict) else {}
    return Reading(params=params, problems=tuple(problems))


def read_json(text: str) -> Reading:
    """Read params that were written as one JSON text."""
    try:
        value = json.loads(text or "{}", parse_constant=_no_constant)
    except ValueError as wrong:
        problem = FieldProblem(pointer="", code="malformed-json", detail=f"Not JSON: {wrong}.")
        return Reading(params={}, problems=(problem,))
    if not isinstance(value, dict):
        detail = 'The params are an object, such as {"userId": "usr_12345"}.'
        problem = FieldProblem(pointer="", code="type", detail=detail)
        return Reading(params={}, problems=(problem,))
    return Reading(params=value, problems=())


def texts_of(shape: Shape, params: JSON) -> dict[str, str]:
    """What the fields of a form show for these params."""
    return dict(_texts(shape, params))


def as_json(value: JSON) -> str:
    """A value as people write it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _texts(shape: Shape, value: Given) -> Iterator[tuple[str, str]]:
    if shape.kind == "group":
        held = value if isinstance(value, dict) else {}
        for member in shape.members:
            yield from _texts(member, held.get(_key_of(member), ABSENT))
    elif not isinstance(value, _Absent):
        yield shape.name, _text(shape, value)


def _text(shape: Shape, value: JSON) -> str:
    if value is None:
        return ""
    if shape.kind == "lines" and isinstance(value, list):
        return "\n".join(_scalar_text(each) for each in value)
    if shape.kind == "json":
        return as_json(value)
    return _scalar_text(value)


def _scalar_text(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(shape: Shape, texts: Mapping[str, str], problems: list[FieldProblem]) -> Given:
    if shape.kind == "group":
        return _group(shape, texts, problems)
    text = texts.get(shape.name, "")
    if shape.kind == "lines":
        return _lines(shape, text, problems)
    if text == "":
        return ABSENT
    if shape.kind == "choice":
        return _choice(shape, text)
    return _read_one(shape.kind, text, (shape.pointer, problems))


def _group(shape: Shape, texts: Mapping[str, str], problems: list[FieldProblem]) -> Given:
    members = {_key_of(member): _value(member, texts, problems) for member in shape.members}
    given = {name: each for name, each in members.items() if not isinstance(each, _Absent)}
    return given if given or shape.is_required else ABSENT


def _lines(shape: Shape, text: str, problems: list[FieldProblem]) -> Given:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return [] if shape.is_required else ABSENT
    read = [_read_one(shape.entry, line, (shape.pointer, problems)) for line in lines]
    return [each for each in read if not isinstance(each, _Absent)]


def _choice(shape: Shape, text: str) -> Given:
    return next((each for each in shape.choices if _scalar_text(each) == text), text)


def _read_one(kind: str, text: str, complaint: tuple[str, list[FieldProblem]]) -> Given:
    pointer, problems = complaint
    try:
        return _READERS[kind](text)
    except ValueError:
        detail = _COMPLAINTS[kind].format(text=text[:60])
        problems.append(FieldProblem(pointer=pointer, code="type", detail=detail))
        return ABSENT


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in ("true", "false") else bool(int(text))


def _number(text: str) -> JSON:
    number = json.loads(text, parse_constant=_no_constant)
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return number if is_number else float(text)


def _json(text: str) -> JSON:
    value: JSON = json.loads(text, parse_constant=_no_constant)
    return value


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not JSON")


_READERS: dict[str, Callable[[str], JSON]] = {
    "text": str,
    "area": lambda text: text.replace("\r\n", "\n"),
    "integer": int,
    "number": _number,
    "boolean": _boolean,
    "json": _json,
}
_COMPLAINTS = {
    "integer": "“{text}” is not a whole number.",
    "number": "“{text}” is not a number.",
    "boolean": "“{text}” is neither true nor false.",
    "json": "This is not JSON: “{text}”.",
}


def _key_of(shape: Shape) -> str:
    return shape.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
