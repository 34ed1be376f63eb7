"""What a caller left out and the schema knows is filled in."""

from copy import deepcopy

import pytest
from hypothesis import given

from actions.schema import with_defaults
from tests.actions.properties import json_values, often


@pytest.mark.parametrize(
    ("schema", "value", "filled"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"properties": {"plan": {"default": "free"}}}, {}, {"plan": "free"}),
        ({"properties": {"plan": {"default": "free"}}}, {"plan": "paid"}, {"plan": "paid"}),
        ({"properties": {"plan": {"default": "free"}}}, {"plan": None}, {"plan": None}),
        ({"properties": {"plan": {"default": None}}}, {}, {"plan": None}),
        ({"properties": {"plan": {"default": "free"}}}, [], []),
        ({"properties": {"plan": {"default": "free"}}}, 5, 5),
        ({"properties": {"a": {"properties": {"b": {"default": 1}}}}}, {}, {}),
        ({"properties": {"a": {"properties": {"b": {"default": 1}}}}}, {"a": {}}, {"a": {"b": 1}}),
        (
            {"properties": {"a": {"properties": {"b": {"default": 1}}, "default": {}}}},
            {},
            {"a": {}},
        ),
        ({"items": {"properties": {"n": {"default": 0}}}}, [{}, {"n": 1}], [{"n": 0}, {"n": 1}]),
        ({"prefixItems": [{"properties": {"n": {"default": 0}}}]}, [{}, {}], [{"n": 0}, {}]),
        (
            {"additionalProperties": {"properties": {"n": {"default": 0}}}},
            {"x": {}},
            {"x": {"n": 0}},
        ),
        (
            {
                "allOf": [
                    {"properties": {"a": {"default": 1}}},
                    {"properties": {"b": {"default": 2}}},
                ]
            },
            {},
            {"a": 1, "b": 2},
        ),
        (
            {"allOf": [{"properties": {"a": {"default": 1}}}], "properties": {"a": {"default": 2}}},
            {},
            {"a": 2},
        ),
        (
            {
                "anyOf": [
                    {"properties": {"a": {"default": 1}}},
                    {"properties": {"b": {"default": 2}}},
                ]
            },
            {},
            {},
        ),
        ({"anyOf": [{"properties": {"a": {"default": 1}}}, {"type": "null"}]}, {}, {"a": 1}),
        ({"if": {}, "then": {"properties": {"a": {"default": 1}}}}, {}, {}),
        (
            {"$ref": "#/$defs/p", "$defs": {"p": {"properties": {"a": {"default": 1}}}}},
            {},
            {"a": 1},
        ),
    ],
)
def test_a_default_is_filled_in_where_it_certainly_applies(schema, value, filled):
    assert with_defaults(schema, value) == filled


def test_a_recursive_schema_with_a_default_ends():
    node = {"properties": {"next": {"$ref": "#", "default": {}}, "n": {"default": 0}}}

    assert with_defaults(node, {"next": {"next": {}}}) == {
        "n": 0,
        "next": {"n": 0, "next": {"n": 0, "next": {}}},
    }


def test_neither_the_value_nor_the_schema_is_changed_or_shared():
    schema = {"properties": {"tags": {"default": []}, "a": {}}}
    value = {"a": {"b": [1]}}
    before = deepcopy((schema, value))

    filled = with_defaults(schema, value)
    filled["tags"].append("x")
    filled["a"]["b"].append(2)

    assert (schema, value) == before


@often
@given(json_values)
def test_a_schema_without_defaults_leaves_every_value_as_it_is(value):
    assert with_defaults({"properties": {"a": {"type": "string"}}}, value) == value
