"""Retry, and when? Decided from values alone.

Floor 1, pure: the clock and chance come in as arguments, and nothing is written.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from actions.jsontypes import JSON
from actions.policy import MAX_DELAY_SECONDS, RetryPolicy, RetryRule
from actions.states import Effect

Outcome = Literal["known", "unknown"]

# 2^1000 seconds is beyond every cap, and still a finite float when multiplied by a delay.
_MAX_DOUBLINGS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """How one attempt failed.

    `type` is the exception's class name. `retriable` is None where nobody classified the error.
    `outcome` is unknown if the effect may have happened. `after` is the least wait in seconds that
    the other side asked for.
    """

    code: str
    message: str
    type: str
    retriable: bool | None = None
    outcome: Outcome = "known"
    after: float | None = None
    details: JSON = None
    traceback: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Whether another attempt follows, how long after this one, and why in words.

    `is_retriable` is what the error is said to be, attempts and budget aside. `outcome` is what to
    record of the attempt's effect. `reason` completes "Gave up, …" and "Waited 2.0 s, …".
    """

    retry: bool
    delay_seconds: float
    reason: str
    is_retriable: bool
    outcome: Outcome


def decide(
    *,
    policy: RetryPolicy,
    failure: Failure,
    attempt: int,
    age_seconds: float,
    chance: float,
    effect: Effect,
    is_repeatable: bool,
) -> Decision:
    """Decide what follows a failed attempt.

    `attempt` counts from 1, `age_seconds` since the first began, `chance` is from 0 up to 1.
    An external effect that may have happened and may not be repeated is never tried again,
    whatever the policy says. Then the policy's first matching rule decides, then the error's own word.
    """
    rule = policy.rule_for(failure.code, failure.type)
    verdict = _verdict(failure, rule, effect=effect, is_repeatable=is_repeatable)
    if not verdict.retry:
        return verdict
    if attempt >= policy.max_attempts:
        return _given_up(verdict, f"no attempts left ({attempt} of {policy.max_attempts})")
    delay = _delay(policy, failure, rule=rule, attempt=attempt, chance=chance)
    over = overspent(policy, age_seconds=age_seconds + delay)
    if over is not None:
        return _given_up(verdict, over)
    return replace(verdict, delay_seconds=delay)


def overspent(policy: RetryPolicy, *, age_seconds: float) -> str | None:
    """Why no attempt may begin so long after the first; None if the budget allows it."""
    budget = policy.budget_seconds
    if budget is None or age_seconds <= budget:
        return None
    return f"the retry budget of {budget:g} s is used up"


def backoff_seconds(policy: RetryPolicy, *, attempt: int, chance: float) -> float:
    """The policy's own wait after the given attempt, from 1; any attempt number is fine."""
    grown = policy.delay_seconds
    if policy.backoff == "linear":
        grown *= attempt
    elif policy.backoff == "exponential":
        grown *= 2.0 ** min(attempt - 1, _MAX_DOUBLINGS)
    capped = min(grown, policy.max_delay_seconds)
    return capped * chance if policy.jitter == "full" else capped


def _verdict(
    failure: Failure, rule: RetryRule | None, *, effect: Effect, is_repeatable: bool
) -> Decision:
    """What the error and the policy's rules say, attempts and budget aside."""
    is_guarded = effect == Effect.EXTERNAL and not is_repeatable
    outcome = _outcome(failure, rule, effect=effect, is_guarded=is_guarded)
    if is_guarded and outcome == "unknown":
        retry, reason = False, _why_unknown(failure)
    elif rule is not None:
        retry, reason = rule.do == "retry", f"the rule on '{rule.on}' says {rule.do}"
    else:
        retry, reason = _own_word(failure, outcome)
    return Decision(
        retry=retry, delay_seconds=0.0, reason=reason, is_retriable=retry, outcome=outcome
    )


def _outcome(
    failure: Failure, rule: RetryRule | None, *, effect: Effect, is_guarded: bool
) -> Outcome:
    """Whether it is known what the attempt did; what was rolled back did nothing."""
    if effect != Effect.EXTERNAL:
        return failure.outcome if failure.retriable is False else "known"
    is_classified = failure.retriable is not None or (rule is not None and rule.do == "retry")
    return failure.outcome if is_classified or not is_guarded else "unknown"


def _own_word(failure: Failure, outcome: Outcome) -> tuple[bool, str]:
    if failure.retriable is False:
        return False, "the error is final"
    if outcome == "unknown":
        return True, "the outcome is unknown and the action is repeatable"
    if failure.after is not None:
        return True, "the error is retriable and says when"
    return True, "the error is retriable"


def _why_unknown(failure: Failure) -> str:
    if failure.outcome == "unknown":
        return "the outcome is unknown and the action is not repeatable"
    return "the error may have come after the effect and the action is not repeatable"


def _delay(
    policy: RetryPolicy,
    failure: Failure,
    *,
    rule: RetryRule | None,
    attempt: int,
    chance: float,
) -> float:
    """What the other side asked for, else what the rule says, else the backoff."""
    if failure.after is not None and math.isfinite(failure.after):
        return min(max(failure.after, 0.0), MAX_DELAY_SECONDS)
    if rule is not None and rule.delay_seconds is not None:
        return rule.delay_seconds
    return backoff_seconds(policy, attempt=attempt, chance=chance)


def _given_up(verdict: Decision, reason: str) -> Decision:
    return replace(verdict, retry=False, reason=reason)
