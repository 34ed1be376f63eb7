"""Retry, and when? Decided from values alone.

Floor 1, pure: the clock and chance come in as arguments, and nothing is written.
"""

import math
from dataclasses import dataclass
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

    `outcome` is what to record if none follows. `reason` completes "Gave up, …".
    """

    retry: bool
    delay_seconds: float
    reason: str
    outcome: Outcome = "known"


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
    is_guarded = effect == Effect.EXTERNAL and not is_repeatable
    outcome = _outcome(failure, rule, effect=effect, is_guarded=is_guarded)
    verdict = _verdict(failure, rule, outcome=outcome, is_guarded=is_guarded)
    if not verdict.retry:
        return verdict
    if attempt >= policy.max_attempts:
        reason = f"no attempts left ({attempt} of {policy.max_attempts})"
        return _give_up(reason, outcome)
    delay = _delay(policy, failure, rule=rule, attempt=attempt, chance=chance)
    budget = policy.budget_seconds
    if budget is not None and age_seconds + delay > budget:
        return _give_up(f"the retry budget of {budget:g} s is used up", outcome)
    return Decision(retry=True, delay_seconds=delay, reason=verdict.reason)


def backoff_seconds(policy: RetryPolicy, *, attempt: int, chance: float) -> float:
    """The policy's own wait after the given attempt, from 1; any attempt number is fine."""
    grown = policy.delay_seconds
    if policy.backoff == "linear":
        grown *= attempt
    elif policy.backoff == "exponential":
        grown *= 2.0 ** min(attempt - 1, _MAX_DOUBLINGS)
    capped = min(grown, policy.max_delay_seconds)
    return capped * chance if policy.jitter == "full" else capped


def _outcome(
    failure: Failure, rule: RetryRule | None, *, effect: Effect, is_guarded: bool
) -> Outcome:
    """Whether it is known what the attempt did; what was rolled back did nothing."""
    if effect != Effect.EXTERNAL:
        return "known"
    is_classified = failure.retriable is not None or (rule is not None and rule.do == "retry")
    return failure.outcome if is_classified or not is_guarded else "unknown"


def _verdict(
    failure: Failure, rule: RetryRule | None, *, outcome: Outcome, is_guarded: bool
) -> Decision:
    """What the error and the policy's rules say, attempts and budget aside."""
    if is_guarded and outcome == "unknown":
        return _give_up(_why_unknown(failure), outcome)
    if rule is not None:
        reason = f"the rule on '{rule.on}' says {rule.do}"
        return _try_again(reason) if rule.do == "retry" else _give_up(reason, outcome)
    if failure.retriable is False:
        return _give_up("the error is final", outcome)
    if outcome == "unknown":
        return _try_again("the outcome is unknown and the action is repeatable")
    if failure.after is not None:
        return _try_again("the error is retriable and says when")
    return _try_again("the error is retriable")


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


def _try_again(reason: str) -> Decision:
    return Decision(retry=True, delay_seconds=0.0, reason=reason)


def _give_up(reason: str, outcome: Outcome) -> Decision:
    return Decision(retry=False, delay_seconds=0.0, reason=reason, outcome=outcome)
