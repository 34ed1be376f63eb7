"""Secrets are masked wherever a value is shown, and never searched."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from actions import schema
from actions.masking import MASK, is_reference, masked
from tests.actions.properties import json_values, often

CANARY = "canary-7d1f"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"userId": "u1", "password": CANARY}, {"userId": "u1", "password": MASK}),
        (
            {"smtp": {"host": "h", "accessToken": CANARY}},
            {"smtp": {"host": "h", "accessToken": MASK}},
        ),
        ([{"token": CANARY}], [{"token": MASK}]),
        ({"card": {"number": CANARY, "brand": "visa"}}, {"card": MASK}),
        ({"tokens": [CANARY]}, {"tokens": MASK}),
        ({"pin": 1234}, {"pin": MASK}),
        ({"max_tokens": 1000, "cards": 2.5}, {"max_tokens": 1000, "cards": 2.5}),
        (
            {"password": None, "token": True, "secret": ""},
            {"password": None, "token": True, "secret": MASK},
        ),
        ({"password": {"$secret": "smtp"}}, {"password": {"$secret": "smtp"}}),
        ({"password": {"$secret": "smtp", "x": CANARY}}, {"password": MASK}),
        ({"password": {"$secret": {"a": CANARY}}}, {"password": MASK}),
        ({"a": {"$secret": "smtp"}}, {"a": {"$secret": "smtp"}}),
        ([{"name": "Authorization", "value": CANARY}], [{"name": "Authorization", "value": MASK}]),
        ([{"key": "API_KEY", "value": [CANARY]}], [{"key": "API_KEY", "value": MASK}]),
        ([{"name": "Accept", "value": "json"}], [{"name": "Accept", "value": "json"}]),
        ({"name": "password", "size": 3}, {"name": "password", "size": 3}),
        ("password", "password"),
        (("a", {"pwd": CANARY}), ["a", {"pwd": MASK}]),
        (5, 5),
        (None, None),
    ],
)
def test_what_is_named_like_a_secret_is_masked(value, shown):
    assert masked(value) == shown


@pytest.mark.parametrize("mark", [{"writeOnly": True}, {"x-secret": True}, {"format": "password"}])
@pytest.mark.parametrize(
    ("frame", "value", "shown"),
    [
        (lambda mark: {"properties": {"a": mark}}, {"a": CANARY}, {"a": MASK}),
        (lambda mark: {"properties": {"a": mark}}, {"a": {"b": CANARY}}, {"a": MASK}),
        (
            lambda mark: {"properties": {"a": mark}},
            {"a": {"$secret": "s"}},
            {"a": {"$secret": "s"}},
        ),
        (lambda mark: {"properties": {"a": mark}}, {"a": None, "b": "x"}, {"a": None, "b": "x"}),
        (
            lambda mark: {"properties": {"a": {"$ref": "#/$defs/s"}}, "$defs": {"s": mark}},
            {"a": CANARY},
            {"a": MASK},
        ),
        (
            lambda mark: {"properties": {"a": {"anyOf": [{"type": "null"}, mark]}}},
            {"a": CANARY},
            {"a": MASK},
        ),
        (
            lambda mark: {"properties": {"a": {"oneOf": [{"allOf": [mark]}]}}},
            {"a": CANARY},
            {"a": MASK},
        ),
        (lambda mark: {"if": {}, "then": {"properties": {"a": mark}}}, {"a": CANARY}, {"a": MASK}),
        (lambda mark: {"items": {"properties": {"a": mark}}}, [{"a": CANARY}], [{"a": MASK}]),
        (lambda mark: {"prefixItems": [{}, mark]}, ["x", CANARY], ["x", MASK]),
        (lambda mark: {"additionalProperties": mark}, {"x": CANARY}, {"x": MASK}),
        (
            lambda mark: {"properties": {"y": {}}, "additionalProperties": mark},
            {"x": CANARY, "y": "z"},
            {"x": MASK, "y": "z"},
        ),
        (
            lambda mark: {"patternProperties": {"^s_": mark}},
            {"s_a": CANARY, "a": "b"},
            {"s_a": MASK, "a": "b"},
        ),
        (lambda mark: {"unevaluatedProperties": mark}, {"x": CANARY}, {"x": MASK}),
        (
            lambda mark: {"dependentSchemas": {"b": {"properties": {"a": mark}}}},
            {"a": CANARY},
            {"a": MASK},
        ),
        (lambda mark: mark, CANARY, MASK),
    ],
)
def test_what_the_schema_marks_is_masked_wherever_the_mark_stands(mark, frame, value, shown):
    assert masked(value, schema=frame(mark)) == shown


def test_a_recursive_schema_marks_every_level():
    node = {"properties": {"next": {"$ref": "#"}, "code": {"x-secret": True}}}

    shown = masked(
        {"code": CANARY, "next": {"code": CANARY, "next": {"code": CANARY}}}, schema=node
    )

    assert CANARY not in str(shown)


def test_a_parameter_typed_as_secret_is_masked():
    def send(ctx, *, to: str, key: SecretStr, other: SecretStr | None = None): ...

    shown = masked({"to": "a", "key": CANARY, "other": CANARY}, schema=schema.params_schema(send))

    assert shown == {"to": "a", "key": MASK, "other": MASK}


def test_the_value_itself_is_not_changed():
    value = {"a": [{"password": CANARY}]}
    before = deepcopy(value)

    masked(value)

    assert value == before


def test_what_is_nested_without_measure_is_masked_and_not_followed():
    value: object = {"password": CANARY}
    for _ in range(100_000):
        value = [value]

    shown = masked(value)

    for _ in range(65):
        (shown,) = shown
    assert shown == MASK


@often
@given(json_values, st.sampled_from(["password", "apiKey", "card"]))
def test_no_secret_survives_wherever_it_is_put(value, name):
    def planted(inner):
        if isinstance(inner, dict):
            return {**{key: planted(member) for key, member in inner.items()}, name: CANARY}
        return [planted(element) for element in inner] if isinstance(inner, list) else inner

    assert CANARY not in str(masked(planted(value)))


@often
@given(json_values)
def test_what_has_been_masked_stays_as_it_is(value):
    assert masked(masked(value)) == masked(value)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ({"$secret": "a"}, True),
        ({"$secret": 1}, False),
        ({"$secret": "a", "b": 1}, False),
        ({}, False),
        ("$secret", False),
    ],
)
def test_a_reference_is_a_name_and_nothing_besides(value, is_one):
    assert is_reference(value) is is_one
