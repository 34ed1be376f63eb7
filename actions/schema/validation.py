"""Testing a value against a schema that `check` has accepted.

Floor 1, pure. A compiled schema is kept by its text, so that rows of the database that carry equal
schemas share one.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from referencing import Registry

from actions import canonical
from actions.errors import FieldProblem
from actions.schema import patterns, words
from actions.schema.formats import FORMATS
from actions.schema.tree import Schema
from actions.schema.words import Told

MAX_PROBLEMS = 20
_CACHED_SCHEMAS = 512


def violations(
    schema: object, value: object, *, at: str = "", told: Told | None = None
) -> list[FieldProblem]:
    """What is wrong with a value, at most MAX_PROBLEMS, in the schema's order; empty if nothing.

    Each problem points to the place, below the pointer `at`, and never repeats the value itself.
    The schema is one that `check` accepts. Formats are tested. `told` says how much of the path to
    a place may be told; of what lies below that nothing is (`masking.misfits` knows secrets).
    """
    return _problems(_validator(json.dumps(schema)), value, words.Place(at=at, told=told))


def violations_of_part(root: Schema, part: Schema, value: object) -> list[FieldProblem]:
    """The same against one part of a schema, whose references lead into the whole."""
    return _problems(_compiled(root).evolve(schema=part), value, words.Place())


def _problems(validator: Any, value: object, place: words.Place) -> list[FieldProblem]:
    try:
        errors = list(islice(validator.iter_errors(value), MAX_PROBLEMS))
    except RecursionError:
        detail = "Is nested too deeply to be tested; flatten it."
        return [FieldProblem(pointer=place.at, code="too-deep", detail=detail)]
    if not errors:
        return []
    found = [problem for error in errors for problem in words.problems_of(error, place)]
    return list(dict.fromkeys(found))[:MAX_PROBLEMS]


@lru_cache(maxsize=_CACHED_SCHEMAS)
def _validator(text: str) -> Any:
    return _compiled(json.loads(text))


def _compiled(schema: Any) -> Any:
    # A registry of its own: the library's default would fetch a remote reference over the network.
    return _Validator(schema, registry=Registry(), format_checker=FORMATS)


def _required(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for name in names:
            if name not in value:
                yield ValidationError("required", path=(name,))


def _dependent_required(
    validator: Any, needs: Any, value: Any, schema: Any
) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for name, needed in needs.items():
            for other in needed if name in value else ():
                if other not in value:
                    yield ValidationError(name, path=(other,))


def _properties(validator: Any, named: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for name, inner in named.items():
            if name in value:
                yield from _member(validator, inner, (value, name))


def _pattern(validator: Any, pattern: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not patterns.is_found(pattern, value):
        yield ValidationError("pattern")


def _members(validator: Any, named: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for pattern, inner in named.items():
            for name in value:
                if patterns.is_found(pattern, name):
                    yield from _member(validator, inner, (value, name))


def _member(validator: Any, inner: Any, member: tuple[Any, str]) -> Iterator[ValidationError]:
    # The library does not say which member it is that `false` forbids.
    value, name = member
    if inner is False:
        yield ValidationError("not allowed", validator="false", path=(name,))
    else:
        yield from validator.descend(value[name], inner, path=name, schema_path=name)


def _additional(validator: Any, rest: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for name in value:
            if words.is_named(schema, name):
                continue
            if rest is False:
                yield ValidationError("not known", path=(name,))
            else:
                yield from validator.descend(value[name], rest, path=name)


def _names(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        fitting = validator.evolve(schema=names)
        for name in value:
            if not fitting.is_valid(name):
                yield ValidationError("name", path=(name,))


def _unique(validator: Any, is_asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # By canonical form: the library compares each with each, which takes minutes for a large list.
    if not is_asked or not validator.is_type(value, "array"):
        return
    if len({canonical.canonical(element) for element in value}) < len(value):
        yield ValidationError("not unique")


_Validator: Any = validators.extend(  # type: ignore[no-untyped-call]  # its stubs leave it open
    Draft202012Validator,
    validators={
        "properties": _properties,
        "pattern": _pattern,
        "patternProperties": _members,
        "required": _required,
        "dependentRequired": _dependent_required,
        "additionalProperties": _additional,
        "propertyNames": _names,
        "uniqueItems": _unique,
    },
)
