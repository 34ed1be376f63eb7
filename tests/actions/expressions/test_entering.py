"""Numbers enter an expression by their schema."""

import pytest

from actions.expressions import entered

NUMBER = {"type": "number"}
SCHEMA = {
    "type": "object",
    "properties": {
        "amount": NUMBER,
        "count": {"type": "integer"},
        "either": {"anyOf": [NUMBER, {"type": "integer"}]},
        "maybe": {"anyOf": [NUMBER, {"type": "null"}]},
        "named": {"$ref": "#/$defs/price"},
        "list": {"type": "array", "items": NUMBER},
    },
    "$defs": {"price": NUMBER},
}


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("amount", 2, float),
        ("amount", True, bool),
        ("count", 2, int),
        ("either", 2, int),
        ("maybe", 2, float),
        ("named", 2, float),
        ("unknown", 2, int),
    ],
)
def test_a_whole_number_is_what_its_schema_calls_it(name, value, kind):
    assert type(entered(SCHEMA, {name: value})[name]) is kind


def test_elements_are_looked_at_too():
    assert entered(SCHEMA, {"list": [1, 2.5]}) == {"list": [1.0, 2.5]}
    assert [type(each) for each in entered(SCHEMA, {"list": [1, 2.5]})["list"]] == [float, float]
