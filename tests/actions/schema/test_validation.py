"""A value is tested against a schema, and told in plain words what is wrong with it."""

import time

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from actions.schema import MAX_PROBLEMS, violations
from tests.actions.properties import json_values, often

INVOICE = {
    "type": "object",
    "properties": {
        "orderId": {"type": "string", "minLength": 1},
        "amount": {"type": "integer", "minimum": 1},
        "currency": {"enum": ["EUR", "USD"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "maxItems": 2},
    },
    "required": ["orderId", "amount"],
    "additionalProperties": False,
    "$defs": {
        "line": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, "a/b": {"type": "integer"}},
            "required": ["sku"],
        }
    },
}
GOOD = {"orderId": "o1", "amount": 5, "currency": "EUR", "note": None, "lines": [{"sku": "x"}]}


def test_a_value_that_fits_has_no_violations():
    assert violations(INVOICE, GOOD) == []


@pytest.mark.parametrize(
    ("change", "pointer", "code", "detail"),
    [
        ({"amount": "5"}, "/amount", "type", "Must be an integer, but is a string."),
        ({"amount": True}, "/amount", "type", "Must be an integer, but is true."),
        ({"amount": 5.5}, "/amount", "type", "Must be an integer, but is a number."),
        ({"amount": None}, "/amount", "type", "Must be an integer, but is null."),
        ({"amount": 0}, "/amount", "minimum", "Must be at least 1."),
        ({"orderId": ""}, "/orderId", "min-length", "Must have at least 1 character."),
        ({"currency": "GBP"}, "/currency", "enum", 'Must be "EUR" or "USD".'),
        ({"note": 5}, "/note", "any-of", "Must be a string or null, but is a number."),
        ({"lines": [{}]}, "/lines/0/sku", "required", "Is required."),
        ({"lines": [{"sku": 1}]}, "/lines/0/sku", "type", "Must be a string, but is a number."),
        (
            {"lines": [{"sku": "", "a/b": ""}]},
            "/lines/0/a~1b",
            "type",
            "Must be an integer, but is a string.",
        ),
        ({"lines": [{"sku": ""}] * 3}, "/lines", "max-items", "Must have at most 2 elements."),
        ({"ammount": 1}, "/ammount", "unknown-field", "Is not known; did you mean amount?"),
        ({"zzz": 1}, "/zzz", "unknown-field", "Is not known; drop it."),
    ],
)
def test_a_violation_tells_where_which_rule_and_what_to_do(change, pointer, code, detail):
    (problem,) = violations(INVOICE, {**GOOD, **change})

    assert (problem.pointer, problem.code, problem.detail) == (pointer, code, detail)


@pytest.mark.parametrize(
    ("rule", "value", "code", "detail"),
    [
        (
            {"type": ["integer", "null"]},
            "x",
            "type",
            "Must be an integer or null, but is a string.",
        ),
        ({"type": "object"}, [], "type", "Must be an object, but is a list."),
        ({"type": "string"}, {}, "type", "Must be a string, but is an object."),
        ({"type": "boolean"}, 1, "type", "Must be true or false, but is a number."),
        ({"const": 5}, 6, "const", "Must be 5."),
        (
            {"enum": list(range(20))},
            99,
            "enum",
            "Must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and others.",
        ),
        ({"maximum": 3}, 4, "maximum", "Must be at most 3."),
        ({"exclusiveMinimum": 0}, 0, "exclusive-minimum", "Must be more than 0."),
        ({"exclusiveMaximum": 9}, 9, "exclusive-maximum", "Must be less than 9."),
        ({"multipleOf": 0.01}, 0.005, "multiple-of", "Must be a multiple of 0.01."),
        ({"maxLength": 3}, "abcd", "max-length", "Must have at most 3 characters."),
        ({"pattern": "^[a-z]+$"}, "A", "pattern", "Must match ^[a-z]+$."),
        ({"format": "email"}, "ada", "format", "Must be an e-mail address."),
        ({"format": "uuid"}, "1", "format", "Must be a UUID."),
        ({"minItems": 2}, [], "min-items", "Must have at least 2 elements."),
        (
            {"uniqueItems": True},
            [{"a": 1}, {"a": 1.0}],
            "unique-items",
            "Has an element twice; keep one.",
        ),
        ({"contains": {"const": 1}}, [2], "contains", "Has no element that fits."),
        (
            {"minContains": 2, "contains": {"const": 1}},
            [1],
            "min-contains",
            "Must have at least 2 fitting elements.",
        ),
        (
            {"prefixItems": [{}], "items": False},
            [1, 2],
            "items",
            "Has more elements than are allowed.",
        ),
        ({"minProperties": 1}, {}, "min-properties", "Must have at least 1 member."),
        ({"not": {"type": "null"}}, None, "not", "Has a form that is not allowed."),
        (
            {"unevaluatedProperties": False},
            {"a": 1},
            "unevaluated-properties",
            "Has members that are not known; drop them.",
        ),
    ],
)
def test_each_rule_is_told_in_plain_words(rule, value, code, detail):
    (problem,) = violations(rule, value)

    assert (problem.pointer, problem.code, problem.detail) == ("", code, detail)


@pytest.mark.parametrize(
    ("rule", "value", "pointer", "code"),
    [
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "/b", "dependent-required"),
        ({"propertyNames": {"maxLength": 2}}, {"abc": 1}, "/abc", "name-not-allowed"),
        ({"additionalProperties": {"type": "integer"}}, {"a": "x"}, "/a", "type"),
        ({"patternProperties": {"^x-": {"type": "integer"}}}, {"x-a": "x"}, "/x-a", "type"),
        (
            {"patternProperties": {"^x-": {}}, "additionalProperties": False},
            {"x-a": 1, "y": 1},
            "/y",
            "unknown-field",
        ),
        ({"properties": {"a": False}}, {"a": 1}, "/a", "not-allowed"),
        (
            {"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}},
            {"a": 1},
            "/b",
            "required",
        ),
        ({"dependentSchemas": {"a": {"required": ["c"]}}}, {"a": 1}, "/c", "required"),
    ],
)
def test_a_rule_about_members_points_to_the_member(rule, value, pointer, code):
    (problem,) = violations(rule, value)

    assert (problem.pointer, problem.code) == (pointer, code)


CARD = {
    "type": "object",
    "properties": {"kind": {"const": "card"}, "number": {"type": "string"}},
    "required": ["kind", "number"],
}
BANK = {
    "type": "object",
    "properties": {"kind": {"const": "bank"}, "iban": {"type": "string"}},
    "required": ["kind", "iban"],
}


@pytest.mark.parametrize("choice", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"kind": "card", "number": 5}, [("/number", "type")]),
        ({"kind": "bank"}, [("/iban", "required")]),
        (5, [("", "type")]),
        ({"kind": "cash"}, [("", "alternatives")]),
    ],
)
def test_of_several_forms_the_one_that_was_meant_is_spoken_of(choice, value, found):
    problems = violations({choice: [CARD, BANK]}, value)

    codes = {"type": {"type", "any-of", "one-of"}, "alternatives": {"any-of", "one-of"}}
    assert len(problems) == len(found)
    for problem, (pointer, code) in zip(problems, found, strict=True):
        assert problem.pointer == pointer
        assert problem.code in codes.get(code, {code})


def test_a_value_that_fits_two_forms_of_which_one_is_asked_is_told_so():
    (problem,) = violations({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3)

    assert problem.detail == "Fits more than one of the allowed forms; make it fit one."


def test_no_violation_repeats_the_value():
    secret = "hunter2-hunter2"
    rules = [
        {"type": "integer"},
        {"const": 1},
        {"enum": ["a"]},
        {"maxLength": 2},
        {"pattern": "^a$"},
        {"format": "email"},
        {"format": "uri"},
        {"not": {}},
        {"anyOf": [{"type": "null"}, {"maxLength": 1}]},
    ]

    told = [problem.detail for rule in rules for problem in violations(rule, secret)]
    told += [
        p.detail
        for p in violations({"items": {"type": "integer"}, "uniqueItems": True}, [secret] * 2)
    ]

    assert len(told) >= len(rules)
    assert not any(secret in detail for detail in told)


def test_the_number_of_violations_is_bounded():
    assert len(violations({"items": {"type": "integer"}}, ["x"] * 100_000)) == MAX_PROBLEMS
    assert (
        len(violations({"additionalProperties": False}, {str(n): 1 for n in range(10_000)}))
        == MAX_PROBLEMS
    )


def test_a_long_name_is_cut_in_the_pointer():
    (problem,) = violations({"additionalProperties": False}, {"n" * 100_000: 1})

    assert len(problem.pointer) < 200


def test_problems_can_be_placed_below_another_pointer():
    (problem,) = violations(INVOICE, {**GOOD, "amount": 0}, at="/params")

    assert problem.pointer == "/params/amount"


def test_one_is_not_true_and_an_integral_float_is_an_integer():
    assert violations({"const": 1}, True) != []
    assert violations({"enum": [0]}, False) != []
    assert violations({"uniqueItems": True}, [1, True, 0, False, "1"]) == []
    assert violations({"type": "integer"}, 1.0) == []


@pytest.mark.parametrize(
    "elements",
    [[{} for _ in range(20_000)], [[n, "x"] if n % 2 else {"n": n} for n in range(20_000)]],
)
def test_uniqueness_of_a_large_list_is_decided_soon(elements):
    began = time.process_time()

    violations({"uniqueItems": True}, elements)

    assert time.process_time() - began < 5


def test_a_recursive_schema_and_a_value_as_deep_as_intake_allows_do_not_run_out_of_stack():
    tree = {
        "$defs": {
            "node": {
                "anyOf": [
                    {"type": "null"},
                    {
                        "allOf": [
                            {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
                        ]
                    },
                ]
            }
        },
        "$ref": "#/$defs/node",
    }
    value: object = {"next": 5}
    for _ in range(63):
        value = {"next": value}

    assert violations(tree, value) != []


@often
@given(json_values)
def test_any_value_is_judged_as_the_library_judges_it(value):
    rule = {
        "anyOf": [
            {"type": "array", "uniqueItems": True, "items": {"type": ["string", "number"]}},
            {"type": "object", "required": ["a"], "additionalProperties": {"type": "null"}},
            {"type": ["integer", "null"], "maximum": 100},
        ]
    }

    assert (violations(rule, value) == []) == Draft202012Validator(rule).is_valid(value)
