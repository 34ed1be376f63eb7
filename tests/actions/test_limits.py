"""Limits as they are declared, and the names under which they are counted."""

import pytest

from actions import limits, registry
from actions.errors import DefinitionInvalid
from actions.limits import Limit, LimitInvalid


def test_a_number_is_so_many_at_once():
    assert limits.concurrency(3) == Limit(kind="concurrency", allowed=3)


@pytest.mark.parametrize(
    ("text", "allowed", "seconds"),
    [("5/s", 5, 1), ("100/m", 100, 60), ("1/h", 1, 3600), ("7/d", 7, 86_400)],
)
def test_a_rate_is_a_number_in_a_time(text, allowed, seconds):
    assert limits.rate(text) == Limit(kind="rate", allowed=allowed, seconds=seconds)


def test_a_limit_may_be_per_param():
    found = limits.concurrency({"limit": 1, "per": ["customer", "region"]})

    assert found.per == ("customer", "region")
    assert found.name_for("charge", {"customer": 42, "region": "eu", "x": 1}) == (
        'concurrency:charge{"customer": 42, "region": "eu"}'
    )


@pytest.mark.parametrize("value", [{"deep": 1}, ["list"], "x" * 500])
def test_a_value_that_is_long_or_nested_is_hashed_in_the_name(value):
    limit = limits.concurrency({"limit": 1, "per": ["customer"]})

    name = limit.name_for("charge", {"customer": value})

    assert name.startswith("concurrency:charge#")
    assert len(name) < limits.MAX_NAME
    assert name != limit.name_for("charge", {"customer": "other"})


@pytest.mark.parametrize("given", [0, -1, 1.5, True, "3", None, {"limit": 0}, {"of": 3}])
def test_a_concurrency_that_cannot_be_is_refused(given):
    with pytest.raises(LimitInvalid):
        limits.concurrency(given)


@pytest.mark.parametrize("given", ["0/s", "5", "5/y", "-1/s", 5, None, "5/s/m", {"limit": 5}])
def test_a_rate_that_cannot_be_is_refused(given):
    with pytest.raises(LimitInvalid):
        limits.rate(given)


def test_what_is_written_is_read_back():
    limit = limits.rate({"limit": "100/m", "per": ["customer"]})

    assert Limit.parse(limit.as_dict()) == limit


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"concurrency": {"limit": 1, "per": ["nobody"]}}, "which is no param"),
        ({"concurrency": {"limit": 1, "per": ["password"]}}, "secret"),
        ({"rate": "fast"}, "100/m"),
        ({"priority": 101}, "-100 to 100"),
        ({"priority": "high"}, "-100 to 100"),
    ],
)
def test_a_declaration_with_a_wrong_limit_says_what_to_give(wish, says):
    def function(ctx, *, password: str) -> None:
        """Do nothing."""

    with registry.isolated(), pytest.raises(DefinitionInvalid, match=says):
        registry.action("limited", effect="none", **wish)(function)


def test_an_action_without_limits_keeps_its_digest():
    def function(ctx) -> None:
        """Do nothing."""

    digests = []
    for wish in ({}, {"priority": 0}, {"priority": 5}, {"concurrency": 3}):
        with registry.isolated():
            registry.action("limited", effect="none", **wish)(function)
            digests.append(registry.get("limited").digest)

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
