"""Values pass between JSON and Python by the types of the signature."""

import asyncio
import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, Base64Bytes, BaseModel, SecretStr
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from actions import schema
from tests.actions.properties import shortly


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


def test_an_async_function_is_read_like_a_plain_one():
    async def act(ctx, *, at: datetime) -> list[int]:
        return [at.year]

    arguments = schema.arguments(act)({"at": "2026-11-22T02:15:10Z"})
    result = asyncio.run(act(None, **arguments))

    assert schema.result_schema(act)["type"] == "array"
    assert schema.encoder(act)(result) == [2026]


@pytest.mark.parametrize(
    ("annotation", "given", "arrives"),
    [
        (datetime, "2026-11-22T02:15:10Z", datetime(2026, 11, 22, 2, 15, 10, tzinfo=UTC)),
        (date, "2026-11-22", date(2026, 11, 22)),
        (timedelta, "PT1M", timedelta(minutes=1)),
        (Decimal, 0.1, Decimal("0.1")),
        (Decimal, "1.50", Decimal("1.50")),
        (Address, {"street": "Main"}, Address(street="Main")),
        (list[Line], [{"sku": "a"}], [Line(sku="a")]),
        (Colour, "blue", Colour.BLUE),
        (
            UUID,
            "12345678-1234-5678-1234-567812345678",
            UUID("12345678-1234-5678-1234-567812345678"),
        ),
        (SecretStr, "hunter2", SecretStr("hunter2")),
        (tuple[int, str], [1, "a"], (1, "a")),
        (int, 10**308, 10**308),
        (int, 1.0, 1),
        (date | None, None, None),
        (Any, {"a": [1.5]}, {"a": [1.5]}),
    ],
    ids=shortly,
)
def test_params_arrive_as_the_types_of_the_signature(annotation, given, arrives):
    def act(ctx, *, value): ...

    act.__annotations__["value"] = annotation

    assert schema.arguments(act)({"value": given}) == {"value": arrives}


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
