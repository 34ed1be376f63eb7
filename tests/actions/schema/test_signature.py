"""A signature becomes two schemas."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr

from actions import schema


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    street: str
    since: date | None = None


@dataclass
class Line:
    sku: str
    count: int = 1


def test_each_parameter_after_ctx_is_a_member():
    def charge(ctx, *, amount: int, note: str = "", tags: list[str] | None = None): ...

    assert schema.params_schema(charge) == {
        "type": "object",
        "properties": {
            "amount": {"type": "integer"},
            "note": {"type": "string", "default": ""},
            "tags": {
                "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}],
                "default": None,
            },
        },
        "required": ["amount"],
        "additionalProperties": False,
    }


def test_parameters_without_a_star_or_an_annotation_are_members_too():
    def charge(context, amount, note="x"): ...

    assert schema.params_schema(charge) == {
        "type": "object",
        "properties": {"amount": {}, "note": {"default": "x"}},
        "required": ["amount"],
        "additionalProperties": False,
    }


def test_a_function_that_needs_nothing_takes_an_empty_object():
    def tick(ctx): ...

    found = schema.params_schema(tick)

    assert schema.violations(found, {}) == []
    assert schema.violations(found, {"a": 1}) != []


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (
            Annotated[int, Field(gt=0, le=10)],
            {"type": "integer", "exclusiveMinimum": 0, "maximum": 10},
        ),
        (Annotated[str, Field(description="Whom")], {"type": "string", "description": "Whom"}),
        (Literal["a", "b"], {"enum": ["a", "b"], "type": "string"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (date, {"type": "string", "format": "date"}),
        (timedelta, {"type": "string", "format": "duration"}),
        (UUID, {"type": "string", "format": "uuid"}),
        (SecretStr, {"type": "string", "format": "password", "writeOnly": True}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (Any, {}),
    ],
)
def test_a_type_becomes_its_schema_without_a_made_up_title(annotation, expected):
    def act(ctx, *, value): ...

    act.__annotations__["value"] = annotation

    assert schema.params_schema(act)["properties"] == {"value": expected}


def test_a_model_an_enum_and_a_dataclass_are_referred_to():
    def move(ctx, *, to: Address, colour: Colour = Colour.RED, lines: list[Line] | None = None): ...

    found = schema.params_schema(move)

    schema.check(found)
    assert set(found["$defs"]) == {"Address", "Colour", "Line"}
    assert found["properties"]["colour"] == {"$ref": "#/$defs/Colour", "default": "red"}
    assert [p.pointer for p in schema.violations(found, {"to": {"street": 1}})] == ["/to/street"]


def test_names_that_a_model_could_not_bear_are_fine():
    def act(
        ctx, *, json: str, model_config: int, _since: int, schema: str, field_0: int, copy: bool
    ): ...

    found = schema.params_schema(act)
    params = {
        "json": "a",
        "model_config": 1,
        "_since": 2,
        "schema": "b",
        "field_0": 3,
        "copy": True,
    }

    assert list(found["properties"]) == list(params)
    assert schema.arguments(act)(params) == params


def test_annotations_kept_as_text_are_read_even_if_that_of_ctx_cannot_be():
    def act(ctx: "OnlyForCheckers", *, at: "datetime", to: "Address"): ...  # noqa: F821  # as under TYPE_CHECKING

    found = schema.params_schema(act)

    assert found["properties"]["at"] == {"type": "string", "format": "date-time"}


def test_an_annotation_that_cannot_be_read_is_refused_by_name():
    def act(ctx, *, to: "Unknown"): ...  # noqa: F821  # the point of the test

    with pytest.raises(schema.SchemaInvalid, match=r"'Unknown' of to in .*act.* cannot be read"):
        schema.params_schema(act)


class Odd: ...


def takes_nothing(): ...


def takes_ctx_by_name(*, ctx): ...


def takes_any_number(ctx, *amounts: int): ...


def takes_any_name(ctx, **params: int): ...


def takes_by_position(ctx, amount: int, /): ...


def takes_an_odd_type(ctx, *, good: int, odd: Odd): ...


def takes_a_callable(ctx, *, good: int, odd: Iterator[Odd]): ...


def has_an_odd_default(ctx, *, good: int = 1, odd: Any = object()): ...  # noqa: B008  # the point of the test


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (takes_nothing, "takes no ctx"),
        (takes_ctx_by_name, "takes no ctx"),
        (takes_any_number, "parameter amounts of takes_any_number cannot be given by name"),
        (takes_any_name, r"takes \*\*kwargs; give their schema as params="),
        (takes_by_position, "parameter amount of takes_by_position cannot be given by name"),
        (takes_an_odd_type, "parameter odd of takes_an_odd_type"),
        (takes_a_callable, "parameter odd of takes_a_callable"),
        (has_an_odd_default, "not serializable|JSON"),
    ],
)
def test_a_signature_that_json_cannot_fill_is_refused_with_the_parameter(function, told):
    with pytest.raises(schema.SchemaInvalid, match=told):
        schema.params_schema(function)


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (None, {"type": "null"}),
        (int, {"type": "integer"}),
        (Any, {}),
        (dict[str, Any], {"type": "object", "additionalProperties": True}),
        (list[date], {"type": "array", "items": {"type": "string", "format": "date"}}),
    ],
)
def test_the_return_annotation_is_the_schema_of_the_result(annotation, expected):
    def act(ctx): ...

    act.__annotations__["return"] = annotation

    assert schema.result_schema(act) == expected


def test_without_a_return_annotation_the_result_may_be_anything():
    def act(ctx): ...

    assert schema.result_schema(act) == {}


def generates(ctx):
    yield 1


def returns_an_odd_type(ctx) -> Odd: ...


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (generates, "is a generator; return a list"),
        (returns_an_odd_type, "result of returns_an_odd"),
    ],
)
def test_a_result_that_json_cannot_carry_is_refused(function, told):
    with pytest.raises(schema.SchemaInvalid, match=told):
        schema.result_schema(function)
