"""What expressions give, and how they say that they cannot."""

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.expressions import ExpressionFailed, ExpressionInvalid, check, compiled
from tests.actions.properties import often

NAMES = ("params", "steps", "item")
PARAMS = {"a": 2, "f": 1.5, "n": None, "s": "hé", "l": [1, 2, None], "big": 2**63}

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)
PIECES = (
    "params|item|.a|.l|[0]|+|==|(|)|[|]|{|}|'x'|1|1.5|null|.map(x, x)|.all(x, x > 1)|.matches('a')"
    "|?|:|!|-|in|,|//"
)
pieces = st.sampled_from(PIECES.split("|"))


def evaluate(source, **variables):
    return compiled(source, names=NAMES).evaluate(variables)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("params.a + 1", 3),
        ("params.f + 1.0", 2.5),
        ("3 / 2", 1),
        ("params.n", None),
        ("params.l", [1, 2, None]),
        ("params.big", 2**63),
        ('"Hello " + params.s', "Hello hé"),
        ('has(params.q) ? params.q : "none"', "none"),
        ("params.l.filter(x, x != null).map(x, x * 10)", [10, 20]),
        ('{"id": params.a, "of": [params.s]}', {"id": 2, "of": ["hé"]}),
        ("params.a == 2.0 && size(params.s) == 2", True),
        ("params.a // a comment", 2),
        ("[1].map(params, params + 1)", [2]),
        ("string(timestamp('2026-01-01T00:00:00Z'))", "2026-01-01T00:00:00Z"),
    ],
)
def test_an_expression_has_a_value(source, value):
    assert evaluate(source, params=PARAMS) == value


@often
@given(values)
def test_json_comes_out_as_it_went_in(value):
    assert evaluate("params", params=value) == value
    assert evaluate("true ? params : null", params=value) == value


@pytest.mark.parametrize(
    ("source", "sentence", "place"),
    [
        ("nope.x", "no variable or function 'nope.x' here; variables are item, params", (1, 5)),
        ("1 +", "Syntax error: mismatched input the end", (1, 4)),
        ("", "Syntax error", (1, 1)),
        ('1 +\n "a"', "cannot be applied: + (int, string)", (1, 3)),
        ('"abc".upperAscii()', "no variable or function 'upperAscii'", (1, 17)),
        ("1) + (2", "mismatched input ')'", (1, 2)),
        ("_params", "no variable or function '_params'", (1, 1)),
        ("cel.bind(x, 1, x)", "no variable or function", (1, 10)),
        ("(" * 40 + "1" + ")" * 40, "nested deeper than 32 levels", (0, 0)),
        ("1" * 5_000, "has 5,000 characters of at most 4,096", (0, 0)),
    ],
)
def test_an_expression_that_is_wrong_is_refused_with_its_place(source, sentence, place):
    with pytest.raises(ExpressionInvalid) as refusal:
        compiled(source, names=NAMES)

    assert sentence in refusal.value.detail
    assert (refusal.value.line, refusal.value.column) == place


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("params.zz", 'no "zz" here; ask with has()'),
        ("params.f + 1", "cannot be applied: + (double, int64); convert one side"),
        ("steps.a", "no steps here yet"),
        ("1 / 0", "Divide by zero"),
        ("params.l[5]", "index=5 size=3"),
        ('b"abc"', "of type bytes, not JSON; make it text with string()"),
        ("type(1)", "of type type, not JSON"),
        ("{1: 2}", "A name in the result is 1"),
        ('double("NaN")', "cannot be kept"),
        ('"\\u0000"', "cannot be kept"),
        ("params.s.matches('(')", "Invalid regular expression"),
        ("[params.huge]", "more than 64 bits"),
    ],
)
def test_an_expression_without_a_value_says_why(source, sentence):
    with pytest.raises(ExpressionFailed) as failure:
        evaluate(source, params=PARAMS | ({"huge": 2**64} if "huge" in source else {}))

    assert sentence.lower() in failure.value.detail.lower()


@often
@given(st.lists(pieces, max_size=12).map(" ".join))
def test_whatever_is_written_ends_in_a_value_or_in_one_of_two_errors(source):
    try:
        value = evaluate(source, params=PARAMS, item=[1])
    except (ExpressionInvalid, ExpressionFailed) as wrong:
        value = wrong.detail

    assert value is None or isinstance(value, bool | int | float | str | list | dict)


def test_reading_nulls_takes_nothing_from_python():
    expression = compiled('{"one": params, "many": [params, null]}', names=NAMES)
    for _ in range(100):
        expression.evaluate({"params": None})
    gc.collect()
    before = sys.getrefcount(None)

    for _ in range(2_000):
        expression.evaluate({"params": None})

    assert before - sys.getrefcount(None) < 1_000


def test_equal_sources_are_compiled_once():
    assert compiled("1 + 41", names=NAMES) is compiled("1 + 41", names=NAMES)


def test_an_expression_knows_which_variables_it_uses():
    expression = compiled('params.a + item.b + "steps"', names=NAMES)

    assert expression.names == {"params", "item"}


CHECKED = ["params.a", "params.in", "nobody.a", "params.a +", "1 + 'a'", "params.map(p, p.x)", ""]


@pytest.mark.parametrize("source", CHECKED)
def test_to_check_an_expression_refuses_what_to_compile_it_refuses(source):
    def refusal(of):
        try:
            of(source, names=("params",))
        except ExpressionInvalid as wrong:
            return str(wrong)
        return None

    assert refusal(check) == refusal(compiled)


def test_a_path_that_is_too_long_is_refused_too():
    with pytest.raises(ExpressionInvalid, match="4,096"):
        check("params." + "a" * 5_000, names=("params",))
