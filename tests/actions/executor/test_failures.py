"""What is recorded of an error that leaves it open whether there was an effect."""

import pytest

from actions.backoff import decide
from actions.errors import Final, Retry, Uncertain
from actions.executor.failures import MAX_EXCERPT, excerpted, failure_of
from actions.policy import RetryPolicy
from actions.states import Effect


def decided(error, *, is_repeatable):
    failure = failure_of(error, effect=Effect.EXTERNAL, is_repeatable=is_repeatable, secrets=())
    return failure, decide(
        policy=RetryPolicy(),
        failure=failure,
        attempt=1,
        age_seconds=0.0,
        chance=1.0,
        effect=Effect.EXTERNAL,
        is_repeatable=is_repeatable,
    )


@pytest.mark.parametrize(
    ("error", "is_repeatable", "outcome", "is_retried"),
    [
        (Uncertain("http_status_504", "Gone"), True, "unknown", True),
        (Uncertain("http_status_504", "Gone"), False, "unknown", False),
        (Uncertain("response_too_large", "Long", may_help=False), True, "unknown", False),
        (Uncertain("response_too_large", "Long", may_help=False), False, "unknown", False),
        (Retry("Busy", code="http_status_503"), False, "known", True),
        (Final("http_status_404", "None"), True, "known", False),
    ],
)
def test_what_is_uncertain_is_repeated_only_where_it_may_be(
    error, is_repeatable, outcome, is_retried
):
    failure, decision = decided(error, is_repeatable=is_repeatable)

    assert failure.code == error.code
    assert decision.outcome == outcome
    assert decision.retry is is_retried


def test_an_uncertain_error_can_say_when_to_come_again():
    _, decision = decided(Uncertain("http_status_500", "Down", after=42.0), is_repeatable=True)

    assert decision.delay_seconds == 42.0


@pytest.mark.parametrize("shown", range(1, 24, 5))
def test_a_secret_that_the_cut_goes_through_is_masked_before_it_is_cut(shown):
    secret = "correct-horse-battery-99"
    answer = "x" * (MAX_EXCERPT - shown) + secret

    failure = failure_of(
        excerpted(Final("refused", "It said"), answer),
        effect=Effect.EXTERNAL,
        is_repeatable=False,
        secrets=[secret],
    )

    assert "correct"[:shown] not in failure.message
    assert len(failure.message) <= len("It said: ") + MAX_EXCERPT
