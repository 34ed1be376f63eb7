"""A schema that could mislead, hang or reach outside is refused when it is declared."""

import socket

import pytest

from actions.schema import MAX_SCHEMA_BYTES, SchemaInvalid, check, check_marks, violations

TREE = {
    "type": "object",
    "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string"},
        {
            "$id": "https://example.com/root",
            "$ref": "#/$defs/a",
            "$defs": {"a": {"type": "string"}},
        },
        {"properties": {"$ref": {"type": "string"}, "default": {}, "$anchor": {"const": 1}}},
        {"properties": {"a": {"$ref": "#/$defs/a~1b%20c"}}, "$defs": {"a/b c": True}},
        {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}], "$defs": {"a": {"minimum": 1}}},
        {"x-secret": True, "format": "made-up", "examples": [{"$ref": "https://example.com/"}]},
        TREE,
    ],
)
def test_what_is_json_schema_is_accepted(schema):
    check(schema)

    assert isinstance(violations(schema, {}), list)


@pytest.mark.parametrize(
    ("schema", "pointer", "told"),
    [
        (True, "", "A schema is an object, not bool"),
        ([], "", "not list"),
        ({"a": b"x"}, "/a", "bytes"),
        ({"default": float("nan")}, "/default", "not a number"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema", "Only https"),
        ({"type": "text"}, "/type", "not valid"),
        ({"properties": []}, "/properties", "not valid"),
        ({"properties": {"a": {"minimum": "1"}}}, "/properties/a/minimum", "not valid"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern", "not valid"),
        ({"pattern": "a{99999999999999999999}"}, "/pattern", "not valid"),
        ({"pattern": "a" * 1_001}, "/pattern", "not valid"),
        ({"pattern": "(?=a)a"}, "/pattern", "not valid"),
        ({"pattern": r"(a)\1"}, "/pattern", "not valid"),
        ({"required": ["a", "a"]}, "/required", "not valid"),
        ({"$ref": "https://example.com/schema.json"}, "", "leads outside"),
        ({"properties": {"a": {"$ref": "other.json#/a"}}}, "/properties/a", "leads outside"),
        ({"$ref": "file:///etc/passwd"}, "", "leads outside"),
        ({"$ref": "#/$defs/a"}, "", "leads nowhere"),
        ({"$ref": "#name"}, "", "leads nowhere"),
        (
            {"allOf": [{}], "properties": {"a": {"$ref": "#/allOf/7"}}},
            "/properties/a",
            "leads nowhere",
        ),
        (
            {"properties": {"a": {"$ref": "#/properties"}}},
            "/properties/a",
            "does not lead to a schema",
        ),
        (
            {"$ref": "#/x-mine/a", "x-mine": {"a": {"$ref": "http://e.com"}}},
            "",
            "does not lead to a schema",
        ),
        ({"properties": {"a": {"$id": "http://e.com/"}}}, "/properties/a", "inner [$]id"),
        ({"$dynamicRef": "#a"}, "", "dynamicRef is not supported"),
        ({"$defs": {"a": {"$anchor": "a"}}}, "/$defs/a", "anchor is not supported"),
        ({"$ref": "#"}, "", "back to itself"),
        ({"allOf": [{"anyOf": [{"$ref": "#"}]}]}, "", "back to itself"),
        ({"not": {"$ref": "#"}}, "", "back to itself"),
        (
            {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"if": {"$ref": "#/$defs/a"}}}},
            "",
            "back to itself",
        ),
        (
            {"properties": {"a": {"type": "integer", "default": "x"}}},
            "/properties/a",
            "The default does not fit",
        ),
        (
            {
                "$defs": {"a": {"minimum": 5}},
                "properties": {"b": {"$ref": "#/$defs/a", "default": 1}},
            },
            "/properties/b",
            "Must be at least 5",
        ),
    ],
)
def test_what_is_not_or_would_misbehave_is_refused_with_the_place(schema, pointer, told):
    with pytest.raises(SchemaInvalid, match=told) as refused:
        check(schema)

    assert told == "back to itself" or refused.value.pointer == pointer


def test_a_schema_may_be_as_large_as_the_bound_and_no_larger():
    frame = len('{"description": ""}')

    check({"description": "x" * (MAX_SCHEMA_BYTES - frame)})

    with pytest.raises(SchemaInvalid, match="at most 131,072"):
        check({"description": "x" * (MAX_SCHEMA_BYTES - frame + 1)})


def test_a_schema_that_is_nested_without_measure_is_refused():
    schema = {}
    for _ in range(5_000):
        schema = {"items": schema}

    with pytest.raises(SchemaInvalid, match="deeper than 64"):
        check(schema)


def test_a_schema_as_deep_as_the_bound_is_checked_without_running_out_of_stack():
    schema = {"type": "string"}
    for _ in range(31):
        schema = {"properties": {"a": schema}}

    check(schema)

    assert violations(schema, {"a": {"a": 1}}) == []


def test_a_large_schema_with_many_references_is_checked_in_reasonable_time():
    count = 2_000
    schema = {
        "$defs": {"a": {"type": "integer"}},
        "properties": {f"p{index}": {"$ref": "#/$defs/a"} for index in range(count)},
    }

    check(schema)

    assert len(violations(schema, {f"p{index}": "x" for index in range(count)})) == 20


def test_a_reference_to_another_host_never_reaches_the_network(monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args))

    with pytest.raises(SchemaInvalid):
        check({"$ref": "http://schemas.example.com/a.json"})

    assert asked == []


MARK = {"x-secret": True}


@pytest.mark.parametrize(
    ("inner", "pointer"),
    [
        ({"propertyNames": MARK}, "/properties/a/propertyNames"),
        ({"propertyNames": {"allOf": [MARK]}}, "/properties/a/propertyNames"),
        ({"propertyNames": {"$ref": "#/$defs/s"}}, "/properties/a/propertyNames"),
        ({"not": MARK}, "/properties/a/not"),
        ({"not": {"not": {"format": "password"}}}, "/properties/a/not"),
        ({"anyOf": [{"not": {"properties": {"b": MARK}}}]}, "/properties/a/anyOf/0/not"),
    ],
)
def test_a_mark_of_a_secret_that_would_hide_nothing_is_refused(inner, pointer):
    schema = {"properties": {"a": inner}, "$defs": {"s": {"type": "string", **MARK}}}
    check(schema)

    with pytest.raises(SchemaInvalid, match="says nothing here") as wrong:
        check_marks(schema)

    assert wrong.value.pointer == pointer


@pytest.mark.parametrize(
    "inner",
    [
        {"not": {"type": "null"}, **MARK},
        {"propertyNames": {"maxLength": 9}, "additionalProperties": MARK},
        {"properties": {"not": MARK, "propertyNames": MARK}},
        {"not": {"$ref": "#/$defs/s"}},
    ],
)
def test_a_mark_of_a_value_is_accepted_beside_what_says_what_it_is_not(inner):
    check_marks({"properties": {"a": inner, "b": MARK}, "$defs": {"s": {"type": "string"}}})
