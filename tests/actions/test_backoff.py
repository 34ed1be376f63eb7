"""Whether a failed attempt is followed by another one, when, and why."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.backoff import Failure, backoff_seconds, decide
from actions.policy import MAX_DELAY_SECONDS, RetryPolicy
from actions.states import Effect
from tests.actions.properties import often

STEADY = {"backoff": "fixed", "delay_seconds": 2, "jitter": "none"}


def failure(**changes) -> Failure:
    return Failure(
        **{"code": "smtp_refused", "message": "x", "type": "Retry", "retriable": True, **changes}
    )


def decision(policy=None, failed=None, **changes):
    facts = {
        "attempt": 1,
        "age_seconds": 0.0,
        "chance": 0.5,
        "effect": Effect.EXTERNAL,
        "is_repeatable": False,
    }
    return decide(
        policy=RetryPolicy.parse({**STEADY, **(policy or {})}),
        failure=failed or failure(),
        **{**facts, **changes},
    )


def test_a_retriable_error_is_tried_again_after_the_backoff():
    found = decision()

    assert (found.retry, found.delay_seconds, found.reason) == (True, 2.0, "the error is retriable")
    assert (found.is_retriable, found.outcome) == (True, "known")


def test_a_final_error_is_not_tried_again():
    found = decision(failed=failure(retriable=False))

    assert (found.retry, found.delay_seconds, found.reason) == (False, 0.0, "the error is final")
    assert (found.is_retriable, found.outcome) == (False, "known")


@pytest.mark.parametrize(("attempt", "is_retried"), [(1, True), (3, True), (4, False), (5, False)])
def test_attempts_come_to_an_end(attempt, is_retried):
    found = decision({"max_attempts": 4}, attempt=attempt)

    assert found.retry is is_retried
    assert is_retried or found.reason == f"no attempts left ({attempt} of 4)"
    assert found.is_retriable


@pytest.mark.parametrize(
    ("age", "is_retried"), [(0.0, True), (598.0, True), (598.5, False), (1e9, False)]
)
def test_no_attempt_begins_after_the_budget(age, is_retried):
    found = decision({"budget_seconds": 600}, age_seconds=age)

    assert found.retry is is_retried
    assert is_retried or found.reason == "the retry budget of 600 s is used up"


def test_the_budget_counts_the_wait_that_the_other_side_asks_for():
    asked = failure(after=30.0)

    assert decision({"budget_seconds": 40}, asked, age_seconds=5.0).delay_seconds == 30.0
    assert decision({"budget_seconds": 40}, asked, age_seconds=15.0).retry is False


@pytest.mark.parametrize(
    ("after", "delay"),
    [
        (30.0, 30.0),
        (0.0, 0.0),
        (-5.0, 0.0),
        (1e300, MAX_DELAY_SECONDS),
        (math.inf, 2.0),
        (math.nan, 2.0),
    ],
)
def test_a_wait_that_the_other_side_asks_for_replaces_the_backoff_within_reason(after, delay):
    found = decision({"max_delay_seconds": 5}, failure(after=after))

    assert (found.retry, found.delay_seconds) == (True, delay)
    assert found.reason == "the error is retriable and says when"


@pytest.mark.parametrize(
    ("rules", "changes", "expected"),
    [
        ([{"on": "smtp_*", "do": "fail"}], {}, (False, 0.0, "the rule on 'smtp_*' says fail")),
        ([{"on": "Retry", "do": "fail"}], {}, (False, 0.0, "the rule on 'Retry' says fail")),
        (
            [{"on": "smtp_*", "do": "retry"}],
            {"retriable": False},
            (True, 2.0, "the rule on 'smtp_*' says retry"),
        ),
        (
            [{"on": "smtp_*", "do": "retry", "delay_seconds": 9}],
            {},
            (True, 9.0, "the rule on 'smtp_*' says retry"),
        ),
        (
            [{"on": "smtp_*", "do": "retry", "delay_seconds": 9}],
            {"after": 4.0},
            (True, 4.0, "the rule on 'smtp_*' says retry"),
        ),
        ([{"on": "http_*", "do": "fail"}], {}, (True, 2.0, "the error is retriable")),
    ],
)
def test_the_first_matching_rule_decides_before_the_errors_own_word(rules, changes, expected):
    found = decision({"rules": rules}, failure(**changes))

    assert (found.retry, found.delay_seconds, found.reason) == expected


def test_a_rule_that_says_retry_does_not_add_attempts():
    found = decision({"rules": [{"on": "*", "do": "retry"}], "max_attempts": 1})

    assert (found.retry, found.reason) == (False, "no attempts left (1 of 1)")


UNKNOWN = "the outcome is unknown and the action is not repeatable"
PERHAPS = "the error may have come after the effect and the action is not repeatable"


@pytest.mark.parametrize(
    ("effect", "is_repeatable", "retriable", "outcome", "expected"),
    [
        # effect, repeatable, the error's class, what is known -> retried, outcome to record
        (Effect.EXTERNAL, False, True, "known", (True, "known")),
        (Effect.EXTERNAL, False, False, "known", (False, "known")),
        (Effect.EXTERNAL, False, None, "known", (False, "unknown")),
        (Effect.EXTERNAL, False, True, "unknown", (False, "unknown")),
        (Effect.EXTERNAL, False, False, "unknown", (False, "unknown")),
        (Effect.EXTERNAL, False, None, "unknown", (False, "unknown")),
        (Effect.EXTERNAL, True, True, "known", (True, "known")),
        (Effect.EXTERNAL, True, False, "known", (False, "known")),
        (Effect.EXTERNAL, True, None, "known", (True, "known")),
        (Effect.EXTERNAL, True, True, "unknown", (True, "unknown")),
        (Effect.EXTERNAL, True, False, "unknown", (False, "unknown")),
        (Effect.EXTERNAL, True, None, "unknown", (True, "unknown")),
        # What was rolled back did nothing, whoever says otherwise.
        *(
            (effect, repeatable, None, outcome, (True, "known"))
            for effect in (Effect.NONE, Effect.TRANSACTIONAL)
            for repeatable in (True, False)
            for outcome in ("known", "unknown")
        ),
        # Final and unknown by its own word: it ended the transaction that would have undone it.
        (Effect.TRANSACTIONAL, False, False, "unknown", (False, "unknown")),
    ],
)
def test_an_effect_that_may_have_happened_is_repeated_only_if_it_may_be(
    effect, is_repeatable, retriable, outcome, expected
):
    found = decision(
        failed=failure(retriable=retriable, outcome=outcome),
        effect=effect,
        is_repeatable=is_repeatable,
    )

    assert (found.retry, found.outcome) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"outcome": "unknown"}, UNKNOWN), ({"retriable": None}, PERHAPS)],
)
def test_why_an_external_effect_is_not_repeated_is_said(changes, reason):
    assert decision(failed=failure(**changes)).reason == reason


def test_a_rule_classifies_an_error_that_nobody_else_did():
    rules = {"rules": [{"on": "ConnectionRefusedError", "do": "retry"}]}

    found = decision(rules, failure(type="ConnectionRefusedError", retriable=None))

    assert (found.retry, found.outcome) == (True, "known")


def test_no_rule_repeats_an_effect_that_may_have_happened():
    found = decision({"rules": [{"on": "*", "do": "retry"}]}, failure(outcome="unknown"))

    assert (found.retry, found.reason) == (False, UNKNOWN)


def test_a_repeatable_action_says_that_it_repeats_an_unknown_outcome():
    found = decision(failed=failure(outcome="unknown"), is_repeatable=True)

    assert found.reason == "the outcome is unknown and the action is repeatable"


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [
        ("fixed", [2, 2, 2, 2, 2, 2]),
        ("linear", [2, 4, 6, 8, 10, 10]),
        ("exponential", [2, 4, 8, 10, 10, 10]),
    ],
)
def test_the_wait_grows_up_to_its_cap(backoff, delays):
    policy = RetryPolicy.parse({**STEADY, "backoff": backoff, "max_delay_seconds": 10})

    assert [backoff_seconds(policy, attempt=n, chance=0.0) for n in range(1, 7)] == delays


@pytest.mark.parametrize(("chance", "delay"), [(0.0, 0.0), (0.25, 2.0), (0.999, 7.992)])
def test_full_jitter_is_anything_up_to_the_wait(chance, delay):
    policy = RetryPolicy.parse({"delay_seconds": 4, "jitter": "full"})

    assert backoff_seconds(policy, attempt=2, chance=chance) == pytest.approx(delay)


policies = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 1_000),
    backoff=st.sampled_from(["fixed", "linear", "exponential"]),
    delay_seconds=st.floats(0, 100),
    max_delay_seconds=st.floats(100, MAX_DELAY_SECONDS),
    jitter=st.sampled_from(["full", "none"]),
    budget_seconds=st.none() | st.floats(0, 10_000),
)
failures = st.builds(
    Failure,
    code=st.just("c"),
    message=st.just("m"),
    type=st.just("T"),
    retriable=st.sampled_from([True, False, None]),
    outcome=st.sampled_from(["known", "unknown"]),
    after=st.none() | st.floats(),
)


@often
@given(
    policies, failures, st.integers(1, 10**6), st.floats(0, 1e9), st.floats(0, 1, exclude_max=True)
)
def test_a_decision_always_keeps_to_the_policy(policy, failed, attempt, age, chance):
    found = decide(
        policy=policy,
        failure=failed,
        attempt=attempt,
        age_seconds=age,
        chance=chance,
        effect=Effect.EXTERNAL,
        is_repeatable=True,
    )

    assert 0 <= found.delay_seconds <= MAX_DELAY_SECONDS
    assert found.reason
    assert not found.retry or attempt < policy.max_attempts
    budget = math.inf if policy.budget_seconds is None else policy.budget_seconds
    assert not found.retry or age + found.delay_seconds <= budget
    assert not found.retry or found.is_retriable


@pytest.mark.parametrize("backoff", ["fixed", "linear", "exponential"])
@pytest.mark.parametrize("attempt", [1_000, 10**6, 10**12])
def test_the_wait_never_overflows(backoff, attempt):
    policy = RetryPolicy(backoff=backoff, delay_seconds=2e6, max_delay_seconds=MAX_DELAY_SECONDS)

    assert 0 <= backoff_seconds(policy, attempt=attempt, chance=0.999) <= MAX_DELAY_SECONDS
