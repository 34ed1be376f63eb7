"""Definitions as YAML: only what JSON has, and always the same form."""

import re

import pytest
from hypothesis import given

from actions.declarative import EXAMPLES, dump, load, parse, values
from actions.errors import DefinitionInvalid
from tests.actions.properties import json_values, often
from tests.house import source


@often
@given(json_values)
def test_what_was_dumped_is_loaded_again(value):
    document = {"a": {"kind": "http", "body": value}}

    assert load(dump(document)) == document


def test_the_form_does_not_depend_on_the_order():
    documents = {"b": EXAMPLES["http"], "a": EXAMPLES["email"]}
    turned = {name: dict(reversed(one.items())) for name, one in reversed(documents.items())}

    assert dump(documents) == dump(turned)


def test_a_person_can_read_it():
    assert dump({"greet": EXAMPLES["email"]}).startswith(
        "greet:\n  kind: email\n  description: Welcome a new user.\n  to: ${{ params.email }}\n"
        "  subject: Welcome, ${{ params.name }}\n  text: |\n    Hello ${{ params.name }},\n"
    )


def test_plain_words_mean_what_they_mean_in_json():
    text = "a: {b: no, c: 2026-01-01, d: 1:30, e: 0x10, f: .inf, g: 010, h: ~, i: 1.5, j: true}"

    assert load(text)["a"] == {
        "b": "no",
        "c": "2026-01-01",
        "d": "1:30",
        "e": "0x10",
        "f": ".inf",
        "g": "010",
        "h": None,
        "i": 1.5,
        "j": True,
    }


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("a: &x {b: 1}\nc: *x", "An alias"),
        ("a: {b: 1, b: 2}", "stands twice (line 1)"),
        ("a: {1: 2}", "is no text"),
        ("? [a]\n: {}", "is no text"),
        ("a: !!python/object/apply:os.system ['true']", "A tag"),
        ("a: !!timestamp 2026-01-01", "A tag"),
        ("- a", "must hold the names of actions"),
        ("a: 1", "must hold the names of actions"),
        ("", "must hold the names of actions"),
        ("{", "line 2, column 1"),
        ("a: !!map {}", "A tag"),
        ("[" * 5_000, "nested too deeply"),
        ("[" * 1_000_000, "nested too deeply"),
        ("a: " + "9" * 5_000, "cannot be read"),
        ('a: {b: "\\0"}', "U+0000"),
        ("a: {b: '" + "x" * 2_000_000 + "'}", "more than 1,048,576 bytes"),
    ],
)
def test_anything_else_is_refused(text, detail):
    with pytest.raises(DefinitionInvalid) as refusal:
        load(text)

    assert detail in refusal.value.detail


@pytest.mark.parametrize("name", ["provision-sandbox", "send-welcome-email"])
def test_the_examples_of_the_documentation_are_right(name):
    text = (source.ROOT / "docs" / "declarative-actions.md").read_text()
    blocks = [load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]

    (document,) = [block[name] for block in blocks if name in block]

    assert parse(document).params_schema["required"]


def test_a_stream_of_documents_is_read_one_after_the_other():
    assert values("a: 1\n---\n[2]\n") == [{"a": 1}, [2]]


def test_a_second_document_beside_the_actions_is_not_passed_over():
    with pytest.raises(DefinitionInvalid, match="names of actions"):
        load("a: {kind: http}\n---\nb: {kind: http}\n")
