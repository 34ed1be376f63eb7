"""Of what lies in a secret nothing is told: no name, and not what is wrong with it."""

import json

import pytest

from actions import canonical
from actions.errors import MalformedJson
from actions.masking import differences, misfits, told_refusal

CANARY = "canary-4b1e"
SECRET = {"x-secret": True, "additionalProperties": {"type": "integer"}}
LONG = "a" * 150


@pytest.mark.parametrize(
    ("schema", "frame", "place"),
    [
        ({"properties": {"a": SECRET}}, lambda it: {"a": it}, "/a"),
        ({"properties": {LONG: SECRET}}, lambda it: {LONG: it}, f"/{LONG}"),
        ({"items": {"properties": {"a": SECRET}}}, lambda it: [{"a": 1}, {"a": it}], "/1/a"),
        ({"prefixItems": [True, SECRET]}, lambda it: [1, it], "/1"),
        ({"patternProperties": {"^a": SECRET}}, lambda it: {"ab": it}, "/ab"),
        ({"additionalProperties": SECRET}, lambda it: {"a/b": it}, "/a~1b"),
        ({"$ref": "#/$defs/s", "$defs": {"s": {"items": SECRET}}}, lambda it: [it], "/0"),
        ({"allOf": [{"properties": {"a": SECRET}}]}, lambda it: {"a": it}, "/a"),
        (
            {"properties": {"a": {"anyOf": [SECRET, {"type": "null"}]}}},
            lambda it: {"a": it},
            "/a",
        ),
        ({"oneOf": [{"properties": {"a": SECRET}}, {"type": "null"}]}, lambda it: {"a": it}, "/a"),
        ({"if": {}, "then": {"properties": {"a": SECRET}}}, lambda it: {"a": it}, "/a"),
        (
            {"properties": {"a": {"x-secret": True, "properties": {"b": SECRET}}}},
            lambda it: {"a": {"b": it}},
            "/a",
        ),
        (
            {"additionalProperties": {"additionalProperties": {"type": "integer"}}},
            lambda it: {"tokens": it},
            "/tokens",
        ),
        (
            {"properties": {"value": {"additionalProperties": {"type": "integer"}}}},
            lambda it: {"name": "api-key", "value": it},
            "/value",
        ),
    ],
)
def test_a_place_is_told_as_far_as_where_a_secret_begins(schema, frame, place):
    cut = f"/{LONG[:119]}…" if LONG in place else place

    assert {one.pointer for one in misfits(schema, frame({CANARY: "text"}))} == {cut}
    assert CANARY not in str(misfits(schema, frame({CANARY: "text"})))
    one, other = frame({CANARY: 1}), frame({"q": 1, "r": 2})
    assert differences(one, other, schemas=[schema]) == [place]
    assert differences(one, frame({CANARY: 1.0}), schemas=[schema]) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"additionalProperties": False},
        {"propertyNames": {"pattern": "^[a-z]$"}},
        {"required": ["canary-4b1e-missing"]},
        {"dependentRequired": {CANARY: ["canary-4b1e-missing"]}},
        {"properties": {CANARY: False}},
        {"patternProperties": {"^canary": {"const": 2}}},
        {"additionalProperties": {"anyOf": [{"type": "string"}, {"properties": {"a": False}}]}},
        {"unevaluatedProperties": False},
        {"maxProperties": 0},
        {"not": {"required": [CANARY]}},
        {"enum": [{}]},
    ],
)
def test_no_rule_of_a_secret_tells_a_name_in_it(rule):
    schema = {"properties": {"creds": {"x-secret": True, **rule}}}

    problems = misfits(schema, {"creds": {CANARY: {"a": 1}}})

    assert {one.pointer for one in problems} == {"/creds"}
    assert CANARY not in str(problems)


def test_beside_a_secret_places_are_told_whole():
    schema = {"properties": {"n": {"additionalProperties": {"type": "integer"}}, "creds": SECRET}}
    value = {"n": {"a": "text"}, "creds": {CANARY: 1}}

    assert [one.pointer for one in misfits(schema, value)] == ["/n/a"]
    assert differences(value, {**value, "n": {"b": 1}}, schemas=[schema]) == ["/n/a", "/n/b"]


@pytest.mark.parametrize(
    "value",
    [
        {"tokens": {CANARY: float("nan")}},
        {"a": [{"password": {CANARY: {"b": "\x00"}}}]},
    ],
)
def test_a_body_that_cannot_be_read_is_refused_without_names_in_secrets(value):
    with pytest.raises(MalformedJson) as refused:
        canonical.parse(json.dumps(value).encode(), max_bytes=1_000)

    told = told_refusal(refused.value)

    assert CANARY not in told.detail + str(told.errors)


def test_a_name_that_stands_twice_in_a_secret_is_not_told():
    raw = f'{{"tokens": {{"{CANARY}": 1, "{CANARY}": 2}}}}'
    with pytest.raises(MalformedJson) as refused:
        canonical.parse(raw.encode(), max_bytes=1_000)

    told = told_refusal(refused.value)

    assert [one.pointer for one in told.errors] == ["/tokens"]
    assert CANARY not in told.detail + str(told.errors)
