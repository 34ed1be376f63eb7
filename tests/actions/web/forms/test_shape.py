"""Which field a schema is asked for by."""

import pytest

from actions.web.forms.shape import shape_of


def shape_for(schema, *, required=True, definitions=None):
    """The shape of one member with that schema."""
    root = {
        "type": "object",
        "properties": {"it": schema},
        "required": ["it"] if required else [],
        "$defs": definitions or {},
    }
    return shape_of(root).members[0]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 5000}, "area"),
        ({"type": "string", "format": "email", "maxLength": 254}, "text"),
        ({"type": "string", "format": "multiline"}, "area"),
        ({"type": "integer"}, "integer"),
        ({"type": "number"}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({"enum": ["a", "b"]}, "choice"),
        ({"const": 7}, "choice"),
        ({"type": "array", "items": {"type": "integer"}}, "lines"),
        ({"type": "array", "items": {"type": "object"}}, "json"),
        ({"type": "array"}, "json"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "group"),
        ({"type": "object"}, "json"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "json"),
        ({"type": ["string", "null"]}, "text"),
        ({"$ref": "#/$defs/Word"}, "text"),
        ({"$ref": "#/$defs/Missing"}, "json"),
        ({"$ref": "#/$defs/Loop"}, "json"),
        ({}, "json"),
        (True, "json"),
        ({"enum": [{"a": 1}]}, "json"),
    ],
)
def test_each_schema_has_its_kind_of_field(schema, kind):
    definitions = {"Word": {"type": "string"}, "Loop": {"$ref": "#/$defs/Loop"}}

    assert shape_for(schema, definitions=definitions).kind == kind


@pytest.mark.parametrize(
    ("schema", "input_type"),
    [
        ({"type": "string", "format": "email"}, "email"),
        ({"type": "string", "format": "uri"}, "url"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "string", "x-secret": True}, "password"),
        ({"type": "string", "writeOnly": True}, "password"),
        ({"type": "string"}, "text"),
    ],
)
def test_a_format_chooses_the_keyboard_and_a_secret_is_hidden(schema, input_type):
    assert shape_for(schema).input_type == input_type


def test_names_with_slashes_and_tildes_keep_their_place():
    schema = {"type": "object", "properties": {"a/b~c": {"type": "string"}}}

    assert shape_of(schema).members[0].pointer == "/a~1b~0c"


def test_what_is_nested_too_deeply_is_written_as_json():
    schema: dict = {"type": "string"}
    for _ in range(8):
        schema = {"type": "object", "properties": {"in": schema}}

    shape, depth = shape_of(schema), 0
    while shape.kind == "group":
        shape, depth = shape.members[0], depth + 1

    assert (shape.kind, depth) == ("json", 4)


def test_a_title_of_the_schema_does_not_hide_the_name_of_the_field():
    assert shape_for({"type": "string", "title": "A title"}).title == "it"
