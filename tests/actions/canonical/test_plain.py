"""What can be kept as JSON, and where a value that cannot goes wrong."""

import enum
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from actions.canonical import NotJson, first_problem, pointer_to, told
from actions.errors import FieldProblem
from tests.actions.properties import json_values, often, shortly


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


Pair = namedtuple("Pair", "left right")


@often
@given(json_values)
def test_json_has_no_problem(value):
    assert first_problem(value) is None


@pytest.mark.parametrize(
    "value", [Colour.RED, Level.LOW, OrderedDict(a=1), Pair(1, [2]), (1, 2), {"a": (1,)}]
)
def test_kinds_of_text_numbers_dicts_and_lists_are_json_too(value):
    assert first_problem(value) is None


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (b"x", "base64"),
        (bytearray(b"x"), "base64"),
        ({1}, "make it a list"),
        (frozenset(), "make it a list"),
        ((n for n in ()), "collect it into a list"),
        (iter([]), "collect it into a list"),
        (map(str, ()), "collect it into a list"),
        (datetime(2026, 11, 22, tzinfo=UTC), "isoformat"),
        (date(2026, 11, 22), "isoformat"),
        (timedelta(1), "seconds"),
        (Decimal(1), "use objects, lists"),
        (object(), "type object"),
        (Colour, "use objects, lists"),
        (1j, "type complex"),
    ],
)
def test_what_json_does_not_have_comes_with_what_to_use_instead(value, advice):
    problem = first_problem({"a": [value]})

    assert problem is not None
    assert (problem.pointer, problem.code) == ("/a/0", "not-json")
    assert advice in problem.detail


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "not-finite"),
        (float("-inf"), "not-finite"),
        (10**308 + 1, "integer-too-large"),
        (-(10**308) - 1, "integer-too-large"),
        (10**10_000, "integer-too-large"),
        ("a\x00", "nul-character"),
        ("\udfff", "lone-surrogate"),
        ({"\x00": 1}, "nul-character"),
        ({None: 1}, "name-not-text"),
    ],
    ids=shortly,
)
def test_what_the_database_cannot_keep_is_a_problem(value, code):
    problem = first_problem(value)

    assert problem is not None
    assert problem.code == code


def test_a_value_may_be_as_deep_as_the_bound_and_no_deeper():
    deepest = nested(64)

    assert first_problem(deepest) is None
    assert code_of([deepest]) == "too-deep"
    assert code_of(nested(100_000)) == "too-deep"


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_siblings_are_not_depth():
    assert first_problem([{"a": {}} for _ in range(100)]) is None
    assert first_problem({str(n): [[]] for n in range(100)}) is None


def test_a_loop_is_told_apart_from_depth():
    loop: dict[str, object] = {}
    loop["inner"] = [loop]

    assert code_of(loop) == "circular"


def test_what_is_shared_without_a_loop_is_fine():
    shared = {"a": 1}

    assert first_problem([shared, shared, {"b": shared}]) is None


def test_a_small_value_that_would_be_huge_as_text_is_refused_soon():
    value: list[object] = []
    for _ in range(60):
        value = [value, value]

    assert code_of(value) == "too-many-values"


def test_objects_that_somebody_else_encodes_can_be_let_pass():
    value = {1: object(), "a": [object(), float("nan")]}

    problem = first_problem(value, passing=lambda _: True)

    assert problem is not None
    assert (problem.pointer, problem.code) == ("/a/1", "not-finite")


def test_the_first_problem_in_the_order_of_the_document_is_told():
    problem = first_problem({"b": [1, {"c": b""}], "a": float("nan")})

    assert problem is not None
    assert problem.pointer == "/b/1/c"


def test_a_pointer_escapes_what_has_a_meaning_in_it():
    assert pointer_to(["a/b", 0, "~1", ""]) == "/a~1b/0/~01/"
    assert pointer_to([]) == ""


def test_a_problem_is_told_with_its_place_unless_that_is_endless():
    problem = FieldProblem(pointer="/a", code="x", detail="Broken.")
    endless = FieldProblem(pointer="/" + "a" * 1_000, code="x", detail="Broken.")

    assert str(NotJson(problem)) == "At /a: Broken."
    assert told(endless) == "Broken."


def code_of(value: object) -> str | None:
    problem = first_problem(value)
    return problem and problem.code
