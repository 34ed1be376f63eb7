"""A retry policy that exists is valid; one that cannot be is refused with the field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.policy import PolicyInvalid, RetryPolicy, RetryRule
from tests.actions.properties import json_values, often, shortly


def test_what_is_left_out_has_its_default():
    assert RetryPolicy.parse({}) == RetryPolicy(
        max_attempts=4,
        backoff="exponential",
        delay_seconds=1.0,
        max_delay_seconds=60.0,
        jitter="full",
        budget_seconds=None,
        rules=(),
    )


def test_a_policy_is_read_from_a_mapping_and_written_back():
    given = {
        "max_attempts": 3,
        "backoff": "fixed",
        "delay_seconds": 2.5,
        "max_delay_seconds": 10,
        "jitter": "none",
        "budget_seconds": 600,
        "rules": [
            {"on": "smtp_*", "do": "retry", "delay_seconds": 30},
            {"on": "ValueError", "do": "fail", "delay_seconds": None},
        ],
    }

    policy = RetryPolicy.parse(given)

    assert json.loads(json.dumps(policy.as_dict())) == given
    assert RetryPolicy.parse(policy.as_dict()) == policy


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        (None, "", "is null; give an object"),
        ([], "", "of type list"),
        ("x", "", "is text"),
        ({"max_attempt": 3}, "max_attempt", "is not known; use max_attempts, backoff"),
        ({1: 2}, "1", "is not known"),
        ({"max_attempts": 0}, "max_attempts", "is 0; give 1 to 1000"),
        ({"max_attempts": -1}, "max_attempts", "give 1 to 1000"),
        ({"max_attempts": 1_001}, "max_attempts", "give 1 to 1000"),
        ({"max_attempts": 10**9}, "max_attempts", "give 1 to 1000"),
        ({"max_attempts": 10**5_000}, "max_attempts", "beyond all bounds"),
        ({"max_attempts": 2.0}, "max_attempts", "give a whole number"),
        ({"max_attempts": True}, "max_attempts", "is a boolean"),
        ({"max_attempts": "3"}, "max_attempts", "is text"),
        ({"max_attempts": None}, "max_attempts", "is null"),
        ({"backoff": "random"}, "backoff", "use fixed or linear or exponential"),
        ({"backoff": None}, "backoff", "use fixed or linear or exponential"),
        ({"backoff": []}, "backoff", "use fixed or linear or exponential"),
        ({"jitter": "half"}, "jitter", "use full or none"),
        ({"delay_seconds": -0.1}, "delay_seconds", "give 0 to 2592000 seconds"),
        ({"delay_seconds": float("nan")}, "delay_seconds", "is not a finite number"),
        ({"delay_seconds": float("inf")}, "max_delay_seconds|delay_seconds", "finite"),
        ({"delay_seconds": 10**400}, "max_delay_seconds|delay_seconds", "beyond all bounds"),
        ({"delay_seconds": True}, "delay_seconds", "is a boolean"),
        ({"delay_seconds": "1"}, "delay_seconds", "is text"),
        ({"delay_seconds": None}, "delay_seconds", "is null"),
        ({"max_delay_seconds": 10**9}, "max_delay_seconds", "give 0 to 2592000"),
        (
            {"delay_seconds": 5, "max_delay_seconds": 2},
            "max_delay_seconds",
            "less than delay_seconds",
        ),
        ({"budget_seconds": -1}, "budget_seconds", "give 0 to 31536000"),
        ({"budget_seconds": float("nan")}, "budget_seconds", "finite"),
        ({"budget_seconds": []}, "budget_seconds", "of type list"),
        ({"rules": "smtp_*"}, "rules", "give a list of rules"),
        ({"rules": {}}, "rules", "give a list of rules"),
        ({"rules": None}, "rules", "is null"),
        ({"rules": [{"on": "a", "do": "fail"}] * 51}, "rules", "has 51 rules and at most 50"),
        ({"rules": ["smtp_*"]}, "rules[0]", "give an object"),
        ({"rules": [{"on": "a", "do": "fail"}, {"on": "a"}]}, "rules[1].do", "is missing"),
        ({"rules": [{"do": "fail"}]}, "rules[0].on", "is missing"),
        ({"rules": [{"on": "", "do": "fail"}]}, "rules[0].on", "has 0 characters"),
        ({"rules": [{"on": "x" * 201, "do": "fail"}]}, "rules[0].on", "has 201 characters"),
        ({"rules": [{"on": 5, "do": "fail"}]}, "rules[0].on", "is a number"),
        ({"rules": [{"on": "a", "do": "stop"}]}, "rules[0].do", "use retry or fail"),
        ({"rules": [{"on": "a", "do": "fail", "when": 1}]}, "rules[0].when", "is not known"),
        (
            {"rules": [{"on": "a", "do": "retry", "delay_seconds": -1}]},
            "rules[0].delay_seconds",
            "give 0",
        ),
    ],
    ids=shortly,
)
def test_a_policy_that_cannot_be_is_refused_with_the_field_and_what_to_give(given, field, told):
    with pytest.raises(PolicyInvalid) as refused:
        RetryPolicy.parse(given)

    assert refused.value.field in field.split("|")
    assert told in str(refused.value)
    assert str(refused.value).startswith(refused.value.field)


def test_an_invalid_policy_cannot_be_made_by_hand_either():
    with pytest.raises(PolicyInvalid, match="max_attempts"):
        RetryPolicy(max_attempts=0)
    with pytest.raises(PolicyInvalid, match="on"):
        RetryRule(on="", do="retry")


def test_a_delay_over_the_default_cap_raises_the_cap():
    assert RetryPolicy.parse({"delay_seconds": 300}).max_delay_seconds == 300
    assert RetryPolicy.parse({"delay_seconds": 3}).max_delay_seconds == 60


@pytest.mark.parametrize(
    ("pattern", "names", "is_match"),
    [
        ("smtp_*", ("smtp_refused", "Retry"), True),
        ("smtp_*", ("http_503", "SmtpError"), False),
        ("ConnectionRefusedError", ("exception", "ConnectionRefusedError"), True),
        ("connectionrefusederror", ("exception", "ConnectionRefusedError"), False),
        ("*", ("", ""), True),
        ("http_50[234]", ("http_503", ""), True),
        ("http_50?", ("http_5030", ""), False),
    ],
)
def test_a_rule_matches_a_code_or_a_class_name_as_a_shell_pattern(pattern, names, is_match):
    assert RetryRule(on=pattern, do="fail").matches(*names) is is_match


def test_the_first_rule_that_matches_counts():
    policy = RetryPolicy.parse(
        {
            "rules": [
                {"on": "a", "do": "fail"},
                {"on": "*", "do": "retry"},
                {"on": "a", "do": "retry"},
            ]
        }
    )

    assert [rule and rule.do for rule in map(policy.rule_for, ("a", "b"))] == ["fail", "retry"]
    assert RetryPolicy().rule_for("a") is None


fields = st.sampled_from([*RetryPolicy().as_dict(), "other"])


@often
@given(st.dictionaries(fields, json_values) | json_values)
def test_whatever_is_given_is_a_valid_policy_or_refused(given):
    policy = parsed(given)

    assert policy is None or RetryPolicy.parse(policy.as_dict()) == policy


def parsed(given: object) -> RetryPolicy | None:
    try:
        return RetryPolicy.parse(given)
    except PolicyInvalid:
        return None
