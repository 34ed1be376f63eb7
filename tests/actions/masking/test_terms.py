"""The terms by which an execution is found: its params' values, alone and with their paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.masking import MASK, param_term, search_terms
from tests.actions.properties import json_values, often

CANARY = "canary-7d1f"


def values_among(terms: list[str]) -> list[str]:
    return [term for term in terms if not term.startswith("=")]


@pytest.mark.parametrize(
    ("value", "terms"),
    [
        ({"userId": "usr_12345", "amount": 12, "rate": 1.5}, ["usr_12345", "12", "1.5"]),
        ({"n": 1.0, "big": 2**53 + 1}, ["1", "9007199254740993"]),
        ({"large": 1e22}, ["1e+22", "10000000000000000000000"]),
        ({"a": True, "b": None, "c": "", "d": "  "}, []),
        ({"a": " x ", "b": "x"}, ["x"]),
        ({"deep": {"a": "second"}, "b": "first"}, ["first", "second"]),
        ({"a": "x" * 64, "b": "y" * 65, "c": 10**64}, ["x" * 64]),
        ({"password": CANARY, "a": {"$secret": "smtp"}}, []),
        (["a", ["b"], "a"], ["a", "b"]),
        ("alone", ["alone"]),
    ],
)
def test_an_execution_is_found_by_the_leaves_of_its_params(value, terms):
    assert values_among(search_terms(value)) == terms


@pytest.mark.parametrize(
    ("value", "path", "text"),
    [
        ({"userId": "usr_12345"}, "userId", "usr_12345"),
        ({"items": [{"sku": "A"}, {"sku": "B"}]}, "items.1.sku", "B"),
        ({"a": {"b": {"c": 12}}}, "a.b.c", "12"),
        ({"f": 1e22}, "f", "10000000000000000000000"),
        ({"f": 1e22}, "f", "1e+22"),
        ({"rate": 1.50}, "rate", "1.5"),
        ({"count": 1.0}, "count", "1"),
        ({"isTrial": True}, "isTrial", "true"),
        ({"note": None}, "note", "null"),
        ({"note": "x" * 100_000}, "note", "x" * 100_000),
        ({"note": " spaced\n"}, "note", "spaced"),
        ({"größe": "日本"}, "größe", "日本"),
        ({"a=b": "c=d"}, "a=b", "c=d"),
    ],
)
def test_an_execution_is_found_by_the_value_at_a_path(value, path, text):
    assert param_term(path, text) in search_terms(value)


@pytest.mark.parametrize(
    ("value", "path", "text"),
    [
        ({"a": "1", "b": "2"}, "a", "2"),
        ({"a": {"b": "1"}}, "b", "1"),
        ({"a": "b=c"}, "a=b", "c"),
        ({"isTrial": True}, "isTrial", "1"),
        ({"a": ""}, "a", ""),
        ({"a": []}, "a", "[]"),
    ],
)
def test_a_path_and_a_value_belong_together(value, path, text):
    assert param_term(path, text) not in search_terms(value)


@pytest.mark.parametrize("text", [CANARY, MASK, "smtp"])
@pytest.mark.parametrize(
    ("value", "schema", "path"),
    [
        ({"password": CANARY, "name": CANARY}, {}, "password"),
        ({"a": CANARY, "name": CANARY}, {"properties": {"a": {"x-secret": True}}}, "a"),
        ({"a": CANARY}, {"properties": {"a": {"writeOnly": True}}}, "a"),
        ({"a": {"$secret": "smtp"}}, {}, "a"),
        ({"a": {"$secret": "smtp"}}, {}, "a.$secret"),
        ([{"name": "Authorization", "value": CANARY}], {}, "0.value"),
    ],
)
def test_no_guess_of_a_secret_fits(value, schema, path, text):
    assert param_term(path, text) not in search_terms(value, schema)


@often
@given(json_values, st.sampled_from(["password", "apiKey", "card"]))
def test_a_secret_adds_no_term_wherever_it_is_put(value, name):
    def planted(inner, secret):
        if isinstance(inner, dict):
            members = {key: planted(member, secret) for key, member in inner.items()}
            return {**members, name: secret}
        return [planted(each, secret) for each in inner] if isinstance(inner, list) else inner

    assert search_terms(planted(value, CANARY)) == search_terms(planted(value, "another"))


def test_the_number_of_terms_is_bounded_and_shallow_ones_come_first():
    value = {"inner": [str(n) for n in range(1_000)], "id": "u1"}

    terms = search_terms(value)

    assert len(values_among(terms)) == 32
    assert len(terms) == 64
    assert terms[0] == "u1"
    assert param_term("id", "u1") in terms


@often
@given(json_values)
def test_terms_are_short_and_each_is_there_once(value):
    terms = search_terms(value)

    assert len(terms) == len(set(terms)) <= 64
    assert all(0 < len(term) <= 64 for term in terms)
