"""Two requests are the same exactly if the contract says so."""

import hashlib
import hmac
import json
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.canonical import NotJson, canonical, differing_fields, fingerprint, parse
from tests.actions.properties import json_values, often, shortly

KEY = b"k" * 50


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-3.0, "-3"),
        (1e15, "1000000000000000"),
        (float(2**53 - 1), "9007199254740991"),
        (float(2**53), "9007199254740992.0"),
        (2**53, "9007199254740992"),
        (2**53 + 1, "9007199254740993"),
        (10**308, "1" + "0" * 308),
        (0.1, "0.1"),
        (1.10, "1.1"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
        ('é\u2028/"\\\n', '"é\u2028/\\"\\\\\\n"'),
        ("e\u0301", '"e\u0301"'),
        ([], "[]"),
        ({}, "{}"),
        ((1, 2), "[1,2]"),
        ({"b": {"d": 1, "c": 2.0}, "a": [3, 1]}, '{"a":[3,1],"b":{"c":2,"d":1}}'),
        ({"Z": 1, "a": 2, "é": 3, "😀": 4, "\uffff": 5}, '{"Z":1,"a":2,"é":3,"\uffff":5,"😀":4}'),
    ],
)
def test_each_value_has_one_form(value, form):
    assert canonical(value).decode() == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":2}', '{ "b" : 2,\n"a" : 1 }'),
        ('{"a":{"x":1,"y":[{"q":1,"p":2}]}}', '{"a":{"y":[{"p":2,"q":1}],"x":1}}'),
        ('"\\u00e9"', '"é"'),
        ('"\\/"', '"/"'),
        ('"\\ud83d\\ude00"', '"😀"'),
        ("1.0", "1"),
        ("1e2", "100"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("0.10", "0.1"),
        ("1E-1", "0.1"),
    ],
)
def test_how_a_value_is_written_does_not_matter(one, other):
    assert mark_of(one) == mark_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{}", '{"a":null}'),
        ("true", "1"),
        ("false", "0"),
        ("null", "false"),
        ('""', "null"),
        ('"1"', "1"),
        ("[1,2]", "[2,1]"),
        ("[1]", "1"),
        ("{}", "[]"),
        ("[[]]", "[]"),
        ('{"a":{}}', '{"a":[]}'),
        ("9007199254740992", "9007199254740993"),
        ("0.1", "0.10000000000000002"),
        ('"é"', '"e\u0301"'),
        ('"a"', '"A"'),
        ('"a"', '"a "'),
        ('{"a":1}', '{"A":1}'),
        ('{"a":"b"}', '{"b":"a"}'),
        ('["a","b"]', '["a,b"]'),
    ],
)
def test_what_the_contract_tells_apart_has_another_fingerprint(one, other):
    assert mark_of(one) != mark_of(other)


def mark_of(text: str) -> bytes:
    params = parse(text.encode(), max_bytes=1_000)
    return fingerprint(key=KEY, kind="action", name="create-invoice", params=params)


def test_a_fingerprint_is_an_hmac_of_version_kind_name_and_params():
    message = b'["actionsite-fingerprint-1","action","create-invoice",{"amount":1}]'

    mark = fingerprint(key=KEY, kind="action", name="create-invoice", params={"amount": 1.0})

    assert mark == hmac.new(KEY, message, hashlib.sha256).digest()


@pytest.mark.parametrize(
    "change",
    [{"key": b"x" * 50}, {"kind": "workflow"}, {"name": "create-invoices"}, {"params": {"a": 2}}],
)
def test_every_part_counts_in_a_fingerprint(change):
    parts = {"key": KEY, "kind": "action", "name": "create-invoice", "params": {"a": 1}}

    assert fingerprint(**{**parts, **change}) != fingerprint(**parts)


def test_parts_of_a_fingerprint_cannot_flow_into_each_other():
    first = fingerprint(key=KEY, kind="action", name='a","b', params=1)

    assert first != fingerprint(key=KEY, kind='action","a', name="b", params=1)


def test_an_empty_key_is_refused_with_the_setting_to_look_at():
    with pytest.raises(ValueError, match="ACTIONSITE_FINGERPRINT_KEY"):
        fingerprint(key=b"", kind="action", name="a", params={})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": {1: 2}}, "At /a: A name is of type int"),
        ({"a": [float("nan")]}, "At /a/0: The number is not a number"),
        ({"a": float("inf")}, "At /a: The number is infinite"),
        ({"a": {1, 2}}, "At /a: The value is of type set"),
        ({"a": "\ud800"}, "At /a: The text contains half of a surrogate pair"),
        ({"a": 10**5_000}, "At /a: The integer is beyond"),
        ({"a": object()}, "At /a: The value is of type object"),
    ],
    ids=shortly,
)
def test_what_is_not_json_has_no_form_and_the_place_is_told(value, told):
    with pytest.raises(NotJson, match=told):
        canonical(value)


def test_a_value_that_contains_itself_has_no_form():
    loop: list[object] = []
    loop.append({"again": loop})

    with pytest.raises(NotJson, match="contains itself"):
        canonical(loop)


@often
@given(json_values, st.randoms(use_true_random=False))
def test_the_order_of_members_never_matters(value, chance):
    assert canonical(shuffled(value, chance)) == canonical(value)


def shuffled(value, chance: random.Random):
    if isinstance(value, dict):
        members = [(name, shuffled(member, chance)) for name, member in value.items()]
        chance.shuffle(members)
        return dict(members)
    if isinstance(value, list):
        return [shuffled(element, chance) for element in value]
    return value


@often
@given(json_values)
def test_the_form_of_the_form_is_the_form(value):
    form = canonical(value)

    assert canonical(json.loads(form)) == form


@pytest.mark.parametrize(
    ("one", "other", "pointers"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        (1, 2, [""]),
        ({}, [], [""]),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ["/b"]),
        ({"a": True}, {"a": 1}, ["/a"]),
        ({"a": None}, {}, ["/a"]),
        ({}, {"a": {"b": 1}}, ["/a"]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, ["/a/b/c"]),
        ({"a": {}}, {"a": {"b": 1}}, ["/a/b"]),
        ([1, 2, 3], [1, 5], ["/1", "/2"]),
        ({"z": 1, "a": 1}, {"z": 2, "a": 2}, ["/a", "/z"]),
        ({"a/b": 1, "~": 1}, {"a/b": 2, "~": 2}, ["/a~1b", "/~0"]),
        ({"a": [1]}, {"a": {"0": 1}}, ["/a"]),
        ({"a": 1e16, "b": 1e23}, {"a": 10**16, "b": 10**23}, []),
        ({"a": 1e16, "b": 1e23}, {"a": 10**16 + 1, "b": 10**23 + 1}, ["/a", "/b"]),
    ],
)
def test_the_fields_in_which_two_values_differ_are_named(one, other, pointers):
    assert differing_fields(one, other) == pointers
    assert differing_fields(other, one) == pointers


@often
@given(json_values, json_values)
def test_two_values_differ_nowhere_exactly_if_they_have_one_form_once_stored(one, other):
    have_one_form = canonical(stored(one)) == canonical(stored(other))

    assert (differing_fields(one, other) == []) == have_one_form


@often
@given(json_values)
def test_a_value_does_not_differ_from_itself_as_it_was_stored(value):
    assert differing_fields(value, stored(value)) == []


def stored(value):
    """As PostgreSQL gives it back: with numbers in decimal, and no exponent."""
    return json.loads(json.dumps(value), parse_float=in_decimal)


def in_decimal(digits: str) -> float | int:
    number = Decimal(digits)
    return int(number) if number == int(number) else float(digits)


def test_the_list_of_differences_is_bounded():
    assert len(differing_fields(list(range(1_000)), list(range(1, 1_001)))) == 100
    assert differing_fields([1, 2], [3, 4], limit=1) == ["/0"]
