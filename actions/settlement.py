"""Decide how an attempt ends, from what its body did.

Floor 1, pure: values in, values out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from actions import backoff, masking
from actions.backoff import Failure
from actions.jsontypes import JSON, JSONObject
from actions.masking import Hidden
from actions.policy import RetryPolicy
from actions.states import AttemptOutcome, Effect, EventType, ExecutionStatus

CRASH_LIMIT = 3
MAX_SHOWN_VALUE = 8_192


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """What is written for one attempt; JSON as text, ready for the database.

    Two events follow an attempt that failed: what happened (`first_event`) and what was decided.
    """

    status: ExecutionStatus
    outcome: AttemptOutcome
    event: EventType
    event_facts: str = "{}"
    first_event: EventType | None = None
    first_facts: str = "{}"
    result: str | None = None
    hidden: list[Hidden] = field(default_factory=list)
    error: str | None = None
    error_code: str = ""
    decision: str = ""
    delay_seconds: float | None = None
    # Its worker died with it; a crash if it held nothing else at the time.
    is_loss: bool = False
    is_crash: bool = False
    # It is tried again, and the attempt is not counted: the worker died of another one.
    is_excused: bool = False
    # It was claimed and has not begun: it costs no attempt, and ends as the one before it did.
    is_unbegun: bool = False

    def shown_value(self, result_schema: JSONObject) -> JSON:
        """The result or the error, masked, for somebody who looks into a late attempt."""
        text = self.result if self.result is not None else self.error
        if text is None or len(text) > MAX_SHOWN_VALUE:
            return None if text is None else f"({len(text):,} characters)"
        value: JSON = masking.masked(json.loads(text), schema=result_schema)
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Under which an attempt is judged: the policy of its version and how far it has come."""

    policy: RetryPolicy
    effect: Effect
    is_repeatable: bool
    attempt: int
    crash_count: int
    age_seconds: float


def succeeded(result: str, hidden: Sequence[Hidden] = ()) -> Settlement:
    """The body returned and its result is acceptable: JSON text, and what its masks stand for."""
    return Settlement(
        status=ExecutionStatus.SUCCEEDED,
        outcome=AttemptOutcome.SUCCEEDED,
        event=EventType.SUCCEEDED,
        result=result,
        hidden=list(hidden),
    )


def cancelled(reason: str) -> Settlement:
    """The body stopped because it was asked to."""
    return Settlement(
        status=ExecutionStatus.CANCELLED,
        outcome=AttemptOutcome.CANCELLED,
        event=EventType.CANCELLED,
        event_facts=_json({"reason": reason}),
    )


def failed(failure: Failure, terms: Terms, *, chance: float) -> Settlement:
    """The body failed: retry after a while, or give up, as the policy says.

    `chance` is a random number from 0 to 1, for the jitter.
    """
    decision = backoff.decide(
        policy=terms.policy,
        failure=failure,
        effect=terms.effect,
        is_repeatable=terms.is_repeatable,
        attempt=terms.attempt,
        age_seconds=terms.age_seconds,
        chance=chance,
    )
    return _after_failure(failure, terms, decision)


def too_late(terms: Terms) -> Settlement | None:
    """What was claimed for another attempt ends without it if the retry budget is used up by now."""
    over = backoff.overspent(terms.policy, age_seconds=terms.age_seconds)
    if over is None or terms.attempt == 1:
        return None
    return Settlement(
        status=ExecutionStatus.FAILED,
        outcome=AttemptOutcome.FAILED,
        event=EventType.FAILED,
        decision=f"{over} before the next attempt could begin",
        is_unbegun=True,
    )


def lost(
    terms: Terms, *, worker: str, is_crash: bool, chance: float, how: str = "died or went silent"
) -> Settlement:
    """The worker died, went silent or had to leave in the middle of the attempt.

    `is_crash` says that it may well be what the worker died of.
    """
    crashes = terms.crash_count + is_crash
    is_loop = crashes >= CRASH_LIMIT
    again = terms.effect != Effect.EXTERNAL or terms.is_repeatable
    failure = Failure(
        code="crash_loop" if is_loop else "worker_lost",
        message=(
            f"Its worker died {crashes} times; the action itself may be what kills it."
            if is_loop
            else f"The worker {worker} {how} in the middle of the attempt."
        ),
        type="WorkerLost",
        retriable=again and not is_loop,
        outcome=_after_interruption(terms.effect),
    )
    return replace(failed(failure, terms, chance=chance), is_loss=True, is_crash=is_crash)


def overran(terms: Terms, *, action: str, limit: float | None, chance: float) -> Settlement:
    """The attempt ran past its time-out, could not be interrupted, and its worker was ended."""
    failure = Failure(
        code="timeout",
        message=(
            f"{action} ran for longer than its {limit or 0:g} s and could not be interrupted, "
            "so its worker was ended."
        ),
        type="AttemptTimedOut",
        outcome=_after_interruption(terms.effect),
    )
    return replace(failed(failure, terms, chance=chance), is_loss=True)


def stopped_by_force(reason: str, terms: Terms, *, chance: float) -> Settlement:
    """It was asked to stop, did not, and was interrupted: cancelled, if it may be repeated.

    Else it has failed, since nobody knows whether it had its effect.
    """
    if terms.effect != Effect.EXTERNAL or terms.is_repeatable:
        return cancelled(reason)
    failure = Failure(
        code="interrupted",
        message=reason,
        type="AttemptStopped",
        retriable=False,
        outcome="unknown",
    )
    return failed(failure, terms, chance=chance)


def ended_by_force(terms: Terms, *, chance: float) -> Settlement:
    """It was asked to stop, could not be interrupted either, and its worker was ended."""
    reason = "It did not stop when it was asked to, and its worker was ended."
    return replace(stopped_by_force(reason, terms, chance=chance), is_loss=True)


def blocked_others(terms: Terms, *, action: str, seconds: float, chance: float) -> Settlement:
    """A coroutine kept all others of its worker waiting past their time-outs."""
    failure = Failure(
        code="loop_blocked",
        message=(
            f"{action} held up the coroutines beside it for {seconds:.0f} s past their time-out; "
            "a coroutine must await what takes long, or be a plain function."
        ),
        type="LoopBlocked",
        outcome=_after_interruption(terms.effect),
    )
    return replace(failed(failure, terms, chance=chance), is_loss=True)


def _after_interruption(effect: Effect) -> backoff.Outcome:
    return "unknown" if effect == Effect.EXTERNAL else "known"


def _after_failure(failure: Failure, terms: Terms, decision: backoff.Decision) -> Settlement:
    outcome, event = _KINDS.get(failure.code, (AttemptOutcome.FAILED, EventType.ATTEMPT_FAILED))
    error = _error(failure, terms, decision)
    brief = {"code": failure.code, "message": failure.message}
    follows = (
        {"delay_seconds": round(decision.delay_seconds, 3), "reason": decision.reason}
        if decision.retry
        else {**brief, "reason": decision.reason}
    )
    return Settlement(
        status=ExecutionStatus.RETRYING if decision.retry else ExecutionStatus.FAILED,
        outcome=outcome,
        first_event=event,
        first_facts=_json(brief),
        event=EventType.RETRY_SCHEDULED if decision.retry else EventType.FAILED,
        event_facts=_json(follows),
        error=_json(error),
        error_code=failure.code,
        decision=decision.reason,
        delay_seconds=decision.delay_seconds if decision.retry else None,
    )


_KINDS = {
    "timeout": (AttemptOutcome.TIMED_OUT, EventType.ATTEMPT_TIMED_OUT),
    "worker_lost": (AttemptOutcome.LOST, EventType.ATTEMPT_LOST),
    "crash_loop": (AttemptOutcome.LOST, EventType.ATTEMPT_LOST),
}


def _error(failure: Failure, terms: Terms, decision: backoff.Decision) -> dict[str, Any]:
    return {
        "type": failure.type,
        "code": failure.code,
        "message": failure.message,
        "retriable": decision.is_retriable,
        "outcome": decision.outcome,
        "details": failure.details,
        "attempt": terms.attempt,
        "traceback": failure.traceback,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
