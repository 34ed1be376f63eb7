"""The sentence of an execution, in every status it may have.

Floor 1, pure. It says what, for whom and why: `send-welcome-email for usr_12345 failed: connection
refused, three times.`
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.sentences.parts import Part, Sentence, moment, quote, sentence, strong
from actions.sentences.subject import subject_of
from actions.sentences.words import duration, ordinal, times
from actions.states import Effect, ExecutionStatus

MAX_QUOTE = 200
# The database's clock says when it is due, and another one when the page is drawn.
_CLOCKS_DIFFER = timedelta(seconds=1)

_ENDS = ("!", "?", "…", "...")

Pieces = Iterator[str | Part]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionFacts:
    """What the sentence is made from; times are aware, `params` are masked.

    `error` is the last failure's message. `has_one_cause` is false if earlier attempts failed for
    another reason. `waits_for` says what a queued execution is held up by, `cancelled_by` and
    `reason` who stopped it and why.
    """

    action: str
    status: ExecutionStatus
    now: datetime
    params: Any = None
    effect: Effect = Effect.NONE
    attempt_count: int = 0
    max_attempts: int = 1
    queued_at: datetime | None = None
    run_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    took_seconds: float | None = None
    error: str = ""
    error_code: str = ""
    is_outcome_unknown: bool = False
    has_one_cause: bool = True
    cancel_requested_at: datetime | None = None
    cancelled_by: str = ""
    reason: str = ""
    waits_for: str = ""


def execution_sentence(facts: ExecutionFacts) -> Sentence:
    """The one sentence that says how an execution stands."""
    told = sentence(_TELL[ExecutionStatus(facts.status)](facts))
    is_ended = told.text.endswith(_ENDS)
    return told if is_ended else sentence([*told.parts, "."])


def _queued(facts: ExecutionFacts) -> Pieces:
    yield from _who(facts)
    if facts.waits_for:
        yield f" is waiting: {_ended(_line(facts.waits_for))}"
    elif facts.run_at is not None and facts.run_at - facts.now > _CLOCKS_DIFFER:
        yield " will start at "
        yield moment(facts.run_at, facts.now)
    else:
        yield " is waiting for a worker"
        yield from _since(facts.queued_at, facts)


def _running(facts: ExecutionFacts) -> Pieces:
    yield from _who(facts)
    yield " is running"
    yield from _since(facts.started_at, facts)
    if facts.max_attempts > 1:
        yield f", attempt {facts.attempt_count} of {facts.max_attempts}"
    if facts.cancel_requested_at is not None:
        yield ", and was asked to stop at "
        yield moment(facts.cancel_requested_at, facts.now)


def _retrying(facts: ExecutionFacts) -> Pieces:
    yield f"Attempt {facts.attempt_count} of {facts.max_attempts} of "
    yield from _who(facts)
    yield " failed: "
    yield quote(_cause(facts))
    if facts.run_at is not None:
        is_due = facts.run_at <= facts.now
        yield "; the next try was due at " if is_due else "; next try at "
        yield moment(facts.run_at, facts.now)


def _succeeded(facts: ExecutionFacts) -> Pieces:
    yield from _who(facts)
    yield " succeeded"
    if facts.took_seconds is not None:
        yield f" in {duration(facts.took_seconds)}"
    if facts.attempt_count > 1:
        yield f", at the {ordinal(facts.attempt_count)} attempt"
    if facts.effect == Effect.TRANSACTIONAL:
        yield ", and was committed once"


def _failed(facts: ExecutionFacts) -> Pieces:
    yield from _who(facts)
    yield " failed: "
    yield quote(_cause(facts))
    if facts.attempt_count > 1:
        yield f", {times(facts.attempt_count)}" if facts.has_one_cause else _at_last(facts)
    if facts.is_outcome_unknown:
        yield "; whether it took effect is unknown"


def _cancelled(facts: ExecutionFacts) -> Pieces:
    yield from _who(facts)
    yield " was cancelled"
    if facts.cancelled_by:
        yield f" by {_line(facts.cancelled_by)}"
    if facts.finished_at is not None:
        yield " at "
        yield moment(facts.finished_at, facts.now)
    yield _how_far(facts)
    if facts.reason.strip():
        yield ": "
        yield quote(_ended(_line(facts.reason)))


_TELL: dict[ExecutionStatus, Callable[[ExecutionFacts], Pieces]] = {
    ExecutionStatus.QUEUED: _queued,
    ExecutionStatus.RUNNING: _running,
    ExecutionStatus.RETRYING: _retrying,
    ExecutionStatus.SUCCEEDED: _succeeded,
    ExecutionStatus.FAILED: _failed,
    ExecutionStatus.CANCELLED: _cancelled,
}


def _who(facts: ExecutionFacts) -> Pieces:
    subject = subject_of(facts.params)
    if subject is None:
        yield strong(facts.action)
    else:
        yield f"{facts.action} for "
        yield strong(subject)


def _since(at: datetime | None, facts: ExecutionFacts) -> Pieces:
    if at is not None:
        yield " since "
        yield moment(at, facts.now)


def _at_last(facts: ExecutionFacts) -> str:
    return f", at the {ordinal(facts.attempt_count)} attempt"


def _how_far(facts: ExecutionFacts) -> str:
    if facts.attempt_count == 0:
        return ", before it began"
    plural = "" if facts.attempt_count == 1 else "s"
    return f", after {facts.attempt_count} attempt{plural}"


def _cause(facts: ExecutionFacts) -> str:
    return _ended(_line(facts.error)) or _line(facts.error_code) or "no message was recorded"


def _line(text: str) -> str:
    """The first line that says something, printable and cut at a word."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    first = next(filter(None, lines), "")
    printable = "".join(character if character.isprintable() else "?" for character in first)
    if len(printable) <= MAX_QUOTE:
        return printable
    cut = printable[: MAX_QUOTE - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[MAX_QUOTE // 2 :] else cut}…"


def _ended(text: str) -> str:
    """Without its full stop: the sentence around it goes on."""
    return text if text.endswith("...") else text.removesuffix(".")
