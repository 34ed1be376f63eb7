"""What a broken rule of a schema is called in plain words.

Floor 1, pure. A message tells the rule, never the value: a value may be a secret.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema import ValidationError

from actions.canonical import pointer_to
from actions.errors import FieldProblem
from actions.schema import patterns
from actions.schema.formats import IN_WORDS
from actions.schema.tree import Path

TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_MAX_CHOICES = 10
_MAX_SHOWN = 60
_MAX_NAME_IN_POINTER = 120
_MAX_PATTERN = 120

_CODES = {
    "additionalProperties": "unknown-field",
    "propertyNames": "name-not-allowed",
    "false": "not-allowed",
    None: "not-allowed",
}
_CAPITAL = re.compile(r"(?<!^)([A-Z])")

Tell = Callable[[ValidationError], str]
# Of a path the part that may be told.
Told = Callable[[Path], Path]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The pointer of what is tested, and how much of a path below it may be told; None for all."""

    at: str = ""
    told: Told | None = None


def below(pointer: str) -> FieldProblem:
    """What is said of a place of which nothing may be told but that it lies below that pointer."""
    return FieldProblem(
        pointer=pointer,
        code="secret-misfit",
        detail="Holds something that does not fit; what is in a secret is not told.",
    )


def problems_of(error: ValidationError, place: Place) -> Iterator[FieldProblem]:
    """One error of the validator as problems at its place."""
    if error.validator in ("anyOf", "oneOf"):
        yield from _of_alternatives(error, place)
    else:
        yield _problem(error, place, _detail(error))


def is_named(schema: dict[str, Any], name: str) -> bool:
    """Whether a schema names a member itself, or by a pattern."""
    if name in schema.get("properties", ()):
        return True
    return any(patterns.is_found(one, name) for one in schema.get("patternProperties", ()))


def _of_alternatives(error: ValidationError, place: Place) -> Iterator[FieldProblem]:
    """Tell what is wrong with the one alternative that was meant, if that can be seen."""
    branches = _branches(error)
    meant = [errors for errors in branches if not any(_is_other_kind(e, error) for e in errors)]
    if len(meant) == 1:
        for inner in meant[0]:
            yield from problems_of(inner, place)
    else:
        yield _problem(error, place, _alternatives_detail(error, branches))


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    found: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        found.setdefault(inner.relative_schema_path[0], []).append(inner)
    return list(found.values())


def _is_other_kind(inner: ValidationError, outer: ValidationError) -> bool:
    """Whether the value is of another type, or names another kind by a constant member."""
    depth = len(inner.absolute_path) - len(outer.absolute_path)
    if depth == 0:
        return inner.validator in ("type", "const", "enum")
    return depth == 1 and inner.validator == "const"


def _alternatives_detail(error: ValidationError, branches: list[list[ValidationError]]) -> str:
    if not branches:
        return "Fits more than one of the allowed forms; make it fit one."
    alone = [errors[0] for errors in branches if len(errors) == 1]
    types = [inner.validator_value for inner in alone if _is_type_here(inner, error)]
    if len(types) == len(branches):
        return _type_detail(types, error.instance)
    return f"Fits none of the {len(branches)} allowed forms."


def _is_type_here(inner: ValidationError, outer: ValidationError) -> bool:
    return inner.validator == "type" and len(inner.absolute_path) == len(outer.absolute_path)


def _problem(error: ValidationError, place: Place, detail: str) -> FieldProblem:
    whole = tuple(error.absolute_path)
    path = whole if place.told is None else place.told(whole)
    pointer = place.at + pointer_to([_cut(token, _MAX_NAME_IN_POINTER) for token in path])
    if len(path) < len(whole):
        return below(pointer)
    validator: Any = error.validator
    code = _CODES.get(validator) or _CAPITAL.sub(r"-\1", validator).lower()
    return FieldProblem(pointer=pointer, code=code, detail=detail)


def _detail(error: ValidationError) -> str:
    tell = _TELL.get(str(error.validator))
    return tell(error) if tell else "Does not fit the schema."


def _type_detail(types: Iterable[Any], value: object) -> str:
    names = [name for given in types for name in (given if isinstance(given, list) else [given])]
    return (
        f"Must be {_either(TYPES[name] for name in dict.fromkeys(names))}, but is {_kind(value)}."
    )


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds: tuple[tuple[Any, str], ...] = (
        (str, "a string"),
        (int | float, "a number"),
        (list | tuple, "a list"),
        (dict, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _unknown_detail(error: ValidationError) -> str:
    name = _cut(error.path[-1], _MAX_SHOWN)
    known = list(error.schema.get("properties", ()))  # type: ignore[union-attr]  # an object: it has the keyword
    close = get_close_matches(str(name), known, n=1, cutoff=0.7)
    return f"Is not known; did you mean {close[0]}?" if close else "Is not known; drop it."


def _choice_detail(error: ValidationError) -> str:
    choices: Any = error.validator_value
    shown = [_cut(json.dumps(choice, ensure_ascii=False), _MAX_SHOWN) for choice in choices]
    if len(shown) > _MAX_CHOICES:
        return f"Must be one of {', '.join(map(str, shown[:_MAX_CHOICES]))} and others."
    return f"Must be {_either(map(str, shown))}."


def _format_detail(error: ValidationError) -> str:
    name = str(error.validator_value)
    return f"Must be {IN_WORDS.get(name, f'of the format {name}')}."


def _length(unit: str, bound: str) -> Tell:
    def tell(error: ValidationError) -> str:
        count: Any = error.validator_value
        plural = unit if count == 1 else _plural(unit)
        return f"Must have at {bound} {count} {plural}."

    return tell


def _number(beginning: str) -> Tell:
    return lambda error: f"Must be {beginning} {error.validator_value}."


def _plural(unit: str) -> str:
    return f"{unit}s"


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _cut(token: str | int, length: int) -> str | int:
    if isinstance(token, int) or len(token) <= length:
        return token
    return token[: length - 1] + "…"


_TELL: dict[str, Tell] = {
    "type": lambda error: _type_detail([error.validator_value], error.instance),
    "required": lambda error: "Is required.",
    "dependentRequired": lambda error: (
        f"Is required when {_cut(error.message, _MAX_SHOWN)} is given."
    ),
    "additionalProperties": _unknown_detail,
    "unevaluatedProperties": lambda error: "Has members that are not known; drop them.",
    "unevaluatedItems": lambda error: "Has elements that are not allowed; drop them.",
    "propertyNames": lambda error: "Has a name that is not allowed here.",
    "enum": _choice_detail,
    "const": lambda error: f"Must be {_cut(json.dumps(error.validator_value), _MAX_SHOWN)}.",
    "format": _format_detail,
    "pattern": lambda error: f"Must match {_cut(str(error.validator_value), _MAX_PATTERN)}.",
    "minLength": _length("character", "least"),
    "maxLength": _length("character", "most"),
    "minItems": _length("element", "least"),
    "maxItems": _length("element", "most"),
    "minContains": _length("fitting element", "least"),
    "maxContains": _length("fitting element", "most"),
    "minProperties": _length("member", "least"),
    "maxProperties": _length("member", "most"),
    "minimum": _number("at least"),
    "maximum": _number("at most"),
    "exclusiveMinimum": _number("more than"),
    "exclusiveMaximum": _number("less than"),
    "multipleOf": _number("a multiple of"),
    "uniqueItems": lambda error: "Has an element twice; keep one.",
    "contains": lambda error: "Has no element that fits.",
    "items": lambda error: "Has more elements than are allowed.",
    "not": lambda error: "Has a form that is not allowed.",
    "false": lambda error: "Is not allowed here; drop it.",
    "None": lambda error: "Is not allowed here; drop it.",
}
