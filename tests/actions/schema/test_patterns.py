"""Patterns of schemas: whoever wrote them, they cost no more than the text is long."""

import pytest

from actions.schema import violations


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|a)*$", "^(.*a){20}$", "^([a-z]+)*$", "(x+x+)+y"]
)
def test_no_pattern_takes_longer_than_the_text_is_long(pattern):
    text = "a" * 100_000 + "!" + "x" * 100_000

    assert violations({"pattern": pattern}, text)[0].code == "pattern"
    assert violations({"patternProperties": {pattern: False}}, {text: 1}) == []
