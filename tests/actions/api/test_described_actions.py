"""Each action is described by itself, in schemas that a public generator understands whole."""

import compileall
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from actions import definitions
from actions.actors import SYSTEM
from actions.api.openapi.schemas import Described, Names
from tests.actions.api.generating import generate
from tests.actions.api.test_openapi import PATHS, document_for
from tests.actions.properties import json_values, often

TEXT = {"type": "string"}


def having(zz: Any, **more: Any) -> dict[str, Any]:
    """The params of an action of which one is described so."""
    return {"type": "object", "properties": {"a": {}, "zz": zz}, **more}


SCHEMAS = {
    "ref": having({"$ref": "#/$defs/s"}, **{"$defs": {"s": TEXT}}),
    "definitions": having({"$ref": "#/definitions/s"}, definitions={"s": {"minLength": 2}}),
    "percent": having({"$ref": "#/$defs/a%20b"}, **{"$defs": {"a b": TEXT}}),
    "slash": having({"$ref": "#/$defs/a~1b"}, **{"$defs": {"a/b": TEXT}}),
    "into-a-member": having({"$ref": "#/properties/a"}),
    "beside-a-reference": having(
        {"$ref": "#/$defs/s", "maxLength": 1, "description": "One."}, **{"$defs": {"s": TEXT}}
    ),
    "contains": having({"type": "array", "contains": {"type": "string", "x-secret": True}}),
    "unevaluated-items": having({"type": "array", "unevaluatedItems": {"type": "integer"}}),
    "first-items": having({"type": "array", "prefixItems": [TEXT], "items": False}),
    "unevaluated": having(TEXT, allOf=[{"properties": {"b": {}}}], unevaluatedProperties=False),
    "by-pattern": having({"patternProperties": {"^z": {"$ref": "#/$defs/s"}}}, **{"$defs": {"s": TEXT}}),
    "when": having({}, **{"if": {"required": ["a"]}, "then": {"required": ["zz"]}, "not": {"const": {}}}),
    "dependent": having({}, dependentSchemas={"a": {"properties": {"zz": TEXT}}}),
    "any-of-lists": having({"anyOf": [{"type": "array"}, {"type": ["array", "null"]}]}),
    "all-of": having({"allOf": [{"type": "integer"}, {"minimum": 3}]}),
    "booleans": having(True, additionalProperties=False, required=["a"]),
    "never": having(False),
    "constant": having({"const": {"a": [1]}}),
    "mixed-values": having({"enum": ["a", 1, None, True, {}]}),
    "like-values": having({"enum": ["a-b", "A_B", "a"]}),
    "like-members": {"type": "object", "properties": {"a-b": TEXT, "a_b": {"type": "integer"}}},
    "no-words": {"type": "object", "properties": {"名": TEXT}},
    "presets": having({"type": "object", "default": {"b": 1}, "properties": {"b": {"default": "x"}}}),
    "preset-value": having({"enum": ["a", "b"], "default": "a"}, required=["a"]),
    "titles": having({"title": "Same", "type": "object", "properties": {"b": {"title": "Same", "type": "object"}}}),
    "same-title": having({"title": "Same", "type": "object", "properties": {"c": TEXT}}),
    "hidden-class": having({"type": "object", "properties": {"b": {"enum": ["x"]}}}, **{"$defs": {"zz": TEXT}}),
    "tree": having({"type": "array", "items": {"$ref": "#"}}),
    "list-of-lists": having(
        {"$ref": "#/$defs/l"}, **{"$defs": {"l": {"type": "array", "items": {"$ref": "#/$defs/l"}}}}
    ),
    "json": having(
        {"$ref": "#/$defs/j"},
        **{
            "$defs": {
                "j": {
                    "anyOf": [
                        {"type": ["string", "null"]},
                        {"type": "object", "additionalProperties": {"$ref": "#/$defs/j"}},
                        {"type": "array", "items": {"$ref": "#/$defs/j"}},
                    ]
                }
            }
        },
    ),
    "a-value-like-a-reference": having({"const": {"$ref": "#/nowhere"}}),
}  # fmt: skip


@pytest.fixture
def document(quick_api) -> dict[str, Any]:
    """What a caller is served who knows of all actions, of which many are declared so."""
    for name, schema in SCHEMAS.items():
        define(f"made-{name}", schema)
    for name in ("made.titles", "action", "batch", "execution"):
        define(name, SCHEMAS["titles"])
    return document_for(quick_api)


def define(name: str, schema: dict[str, Any]) -> None:
    definitions.define(
        name,
        {"kind": "http", "method": "GET", "url": "https://status.example.com/", "params": schema},
        by=SYSTEM,
    )


def test_a_generated_client_has_every_call_of_every_action(document, tmp_path):
    place = tmp_path / "openapi.json"
    place.write_text(json.dumps(document))

    package = generate(place)

    calls = {each["operationId"] for path in document["paths"].values() for each in path.values()}
    made = {each.stem for each in (package / "api").rglob("*.py")} - {"__init__"}
    assert len(made) == len(calls) == sum(map(len, document["paths"].values()))
    assert compileall.compile_dir(package, quiet=1)
    ended = (package / "models" / "execute_create_invoice_response_200.py").read_text()
    assert "result: Any | CreateInvoiceResult | None" in ended


def test_every_reference_of_the_document_leads_to_a_component(document):
    components = document["components"]
    names = {f"#/components/{kind}/{name}" for kind in components for name in components[kind]}
    found: set[str] = set()

    def look(part: Any) -> None:
        if isinstance(part, dict):
            found.update(v for k, v in part.items() if k == "$ref" and isinstance(v, str))
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(document)

    assert found - names == {"#/nowhere"}
    assert set(document["paths"]) > PATHS


def as_it_is_told(schema: dict[str, Any]) -> Draft202012Validator:
    described = Described(schema, name="x.params", names=Names(()))
    return Draft202012Validator(described.reference | {"components": {"schemas": described.made}})


words = st.sampled_from(["a", "b", "a-b", "a_b", "A_B", "zz", "名", "x"])
small = st.none() | st.booleans() | st.integers(0, 4) | words | st.just({"a": [1]})
deep = st.recursive(
    small, lambda one: st.lists(one, max_size=3) | st.dictionaries(words, one, max_size=3)
)


@often
@given(
    name=st.sampled_from(sorted(SCHEMAS)), value=deep | st.dictionaries(words, deep | json_values)
)
def test_what_is_told_means_the_same_as_the_schema(name, value):
    schema = SCHEMAS[name]

    assert as_it_is_told(schema).is_valid(value) == Draft202012Validator(schema).is_valid(value)


def test_names_that_a_generator_takes_for_one_are_made_different():
    names = Names(["Execution", "ExecutionParams"])

    assert names.free("execution.params") == "execution.params.2"
    assert [names.free(one) for one in ("a-b", "a.b", "aB")] == ["a-b", "a.b.2", "aB.3"]
