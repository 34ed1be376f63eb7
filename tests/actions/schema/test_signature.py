"""A signature becomes two schemas, and values pass between JSON and Python by it."""

import asyncio
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AfterValidator, Base64Bytes, BaseModel, Field, SecretStr
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

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


class Receipt(TypedDict):
    id: str
    total: Decimal


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


def test_an_async_function_is_read_like_a_plain_one():
    async def act(ctx, *, at: datetime) -> list[int]:
        return [at.year]

    arguments = schema.arguments(act)({"at": "2026-11-22T02:15:10Z"})
    result = asyncio.run(act(None, **arguments))

    assert schema.result_schema(act)["type"] == "array"
    assert schema.encoder(act)(result) == [2026]


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


def test_params_arrive_as_the_types_of_the_signature():
    def act(
        ctx,
        *,
        at: datetime,
        day: date,
        long: timedelta,
        price: Decimal,
        to: Address,
        lines: list[Line],
        colour: Colour,
        who: UUID,
        password: SecretStr,
        count: int,
        pair: tuple[int, str],
    ): ...

    found = schema.arguments(act)(
        {
            "at": "2026-11-22T02:15:10Z",
            "day": "2026-11-22",
            "long": "PT1M",
            "price": 0.1,
            "to": {"street": "Main"},
            "lines": [{"sku": "a"}],
            "colour": "blue",
            "who": "12345678-1234-5678-1234-567812345678",
            "password": "hunter2",
            "count": 10**308,
            "pair": [1, "a"],
        }
    )

    assert found == {
        "at": datetime(2026, 11, 22, 2, 15, 10, tzinfo=UTC),
        "day": date(2026, 11, 22),
        "long": timedelta(minutes=1),
        "price": Decimal("0.1"),
        "to": Address(street="Main"),
        "lines": [Line(sku="a")],
        "colour": Colour.BLUE,
        "who": UUID("12345678-1234-5678-1234-567812345678"),
        "password": SecretStr("hunter2"),
        "count": 10**308,
        "pair": (1, "a"),
    }


def test_what_the_caller_left_out_is_left_to_the_function():
    def act(ctx, *, a: int = 1, b: int = 2): ...

    assert schema.arguments(act)({"b": 5}) == {"b": 5}


def test_a_function_with_kwargs_gets_the_rest_as_it_is():
    def act(ctx, *, at: date, **rest): ...

    found = schema.arguments(act)({"at": "2026-11-22", "user-id": {"a": [1]}, "field_0": 1})

    assert found == {"at": date(2026, 11, 22), "user-id": {"a": [1]}, "field_0": 1}


def even(value: int) -> int:
    if value % 2:
        raise ValueError("is not even")
    return value


def test_params_that_only_the_types_refuse_are_refused_with_the_place_and_not_the_value():
    def act(ctx, *, counts: list[Annotated[int, AfterValidator(even)]]): ...

    with pytest.raises(schema.ArgumentsInvalid, match="/counts/1") as refused:
        schema.arguments(act)({"counts": [2, 31337]})

    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/counts/1", "value-error")
    assert "31337" not in str(refused.value)


def test_a_result_is_encoded_by_its_annotation():
    def act(ctx) -> dict[str, Receipt | Address | datetime | set[int] | Base64Bytes | Line]: ...

    encoded = schema.encoder(act)(
        {
            "a": {"id": "r1", "total": Decimal("1.50")},
            "b": Address(street="Main", since=date(2026, 1, 1)),
            "c": datetime(2026, 11, 22, tzinfo=UTC),
            "d": {1},
            "e": Line(sku="x"),
        }
    )

    assert encoded == {
        "a": {"id": "r1", "total": "1.50"},
        "b": {"street": "Main", "since": "2026-01-01"},
        "c": "2026-11-22T00:00:00Z",
        "d": [1],
        "e": {"sku": "x", "count": 1},
    }


def test_a_result_without_an_annotation_is_taken_as_it_is():
    def act(ctx): ...

    assert schema.encoder(act)({"a": [1, None, "x"]}) == {"a": [1, None, "x"]}


def loop() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    return value


UNUSABLE = [
    ((n for n in "ab"), "generator"),
    ([iter([1])], "At /0: .*list_iterator"),
    ({"a": b"x"}, "At /a: .*base64"),
    (float("nan"), "not a number"),
    ({"a": float("inf")}, "At /a: .*infinite"),
    (10**400, "beyond"),
    (loop(), "contains itself"),
    (deep(), "deeper than 64"),
    ({"a": "\x00"}, r"At /a: .*U\+0000"),
    ("\ud800", "surrogate"),
    (object(), "object"),
    ([lambda: None], "function"),
    (Exception("x"), "Exception"),
]


def returns_unsaid(ctx): ...


def returns_any_dict(ctx) -> dict[str, Any] | list[Any] | float | str: ...


@pytest.mark.parametrize("function", [returns_unsaid, returns_any_dict])
@pytest.mark.parametrize(("result", "told"), UNUSABLE, ids=[told for _, told in UNUSABLE])
def test_a_result_that_cannot_be_kept_is_refused_in_words(function, result, told):
    with pytest.raises(schema.ResultInvalid, match=told):
        schema.encoder(function)(result)


def test_a_datetime_needs_an_annotation():
    with pytest.raises(schema.ResultInvalid, match="isoformat"):
        schema.encoder(returns_unsaid)({"at": datetime(2026, 1, 1, tzinfo=UTC)})


def test_a_result_that_breaks_its_annotation_is_left_for_the_schema_to_refuse():
    def act(ctx) -> int:
        return 1

    encoded = schema.encoder(act)("not a number")

    assert schema.violations(schema.result_schema(act), encoded)[0].code == "type"
