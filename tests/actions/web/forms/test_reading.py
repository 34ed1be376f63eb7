"""From a form to the params, and back: nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.web.forms.reading import read, read_json, texts_of
from actions.web.forms.shape import shape_of
from tests.actions.properties import often

ADDRESS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "zip": {"type": "integer"}},
    "required": ["city"],
}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "ratio": {"type": "number"},
        "is_on": {"type": "boolean"},
        "plan": {"enum": ["free", "team", 3]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"type": "integer"}},
        "address": ADDRESS,
        "extra": {},
    },
    "required": ["name"],
}
LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PARAMS = st.fixed_dictionaries(
    {"name": LINE},
    optional={
        "count": st.integers(),
        "ratio": st.integers() | FINITE,
        "is_on": st.booleans(),
        "plan": st.sampled_from(["free", "team", 3]),
        "tags": st.lists(LINE, min_size=1),
        "sizes": st.lists(st.integers(), min_size=1),
        "address": st.fixed_dictionaries({"city": LINE}, optional={"zip": st.integers()}),
        "extra": JSON.filter(lambda value: value is not None),
    },
)


@often
@given(PARAMS)
def test_params_come_back_from_the_form_as_they_were(params):
    shape = shape_of(SCHEMA)

    reading = read(shape, texts_of(shape, params))

    assert reading.problems == ()
    assert reading.params == params


def test_an_empty_field_is_an_absent_value():
    reading = read(shape_of(SCHEMA), {"params/name": "Ada", "params/count": "", "params/tags": " "})

    assert reading.params == {"name": "Ada"}


def test_an_optional_group_without_a_value_is_absent_and_a_required_one_is_empty():
    optional = shape_of({"type": "object", "properties": {"address": ADDRESS}})
    required = shape_of(
        {"type": "object", "properties": {"address": ADDRESS}, "required": ["address"]}
    )

    assert read(optional, {}).params == {}
    assert read(required, {}).params == {"address": {}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "1.5"),
        ("count", "many"),
        ("ratio", "Infinity"),
        ("ratio", "true"),
        ("ratio", '"1"'),
        ("is_on", "perhaps"),
        ("sizes", "1\ntwo"),
        ("extra", "{"),
        ("extra", "NaN"),
    ],
)
def test_what_cannot_be_read_is_a_problem_at_its_field(name, text):
    reading = read(shape_of(SCHEMA), {"params/name": "Ada", f"params/{name}": text})

    assert [problem.pointer for problem in reading.problems] == [f"/{name}"]


def test_a_number_that_is_a_choice_is_a_number():
    reading = read(shape_of(SCHEMA), {"params/name": "Ada", "params/plan": "3"})

    assert reading.params["plan"] == 3


def test_json_keeps_what_fields_cannot_say():
    reading = read_json('{"name": "", "extra": null}')

    assert reading.params == {"name": "", "extra": None}


@pytest.mark.parametrize("text", ["{", "[1]", "null", '{"a": Infinity}'])
def test_json_that_cannot_be_params_is_a_problem(text):
    assert len(read_json(text).problems) == 1
