"""Everything that the page of one execution shows, read once and put into words.

Floor 5, a door.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from actions import masking
from actions.jsontypes import JSON
from actions.models import Attempt, Execution, ExecutionEvent, LogLine
from actions.states import AttemptOutcome
from actions.web.executions.calls import Calls, calls_of

LOG_LIMIT = 500
ATTEMPT_LIMIT = 100
Level = Literal["all", "errors"]
LOUD = ("error", "warning")


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptRow:
    """One try, and what was decided after it."""

    attempt: Attempt
    took: timedelta | None
    next_words: str

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.attempt.outcome == AttemptOutcome.RUNNING


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberedLine:
    """One line of the log with its number on the page."""

    number: int
    line: LogLine

    @property
    def state(self) -> str:
        """How the line is tinted."""
        return {"error": "failed", "warning": "warning"}.get(self.line.level, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogPage:
    """The lines that the action wrote: those shown, and how many there are."""

    lines: tuple[NumberedLine, ...]
    level: Level
    count: int
    loud_count: int

    @property
    def hidden_count(self) -> int:
        """How many lines of the chosen level the cap leaves out."""
        whole = self.count if self.level == "all" else self.loud_count
        return whole - len(self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One execution with its evidence; params and result are masked."""

    execution: Execution
    params: JSON
    result: JSON
    attempts: tuple[AttemptRow, ...]
    attempts_hidden: int
    log: LogPage
    calls: Calls
    events: tuple[ExecutionEvent, ...]
    reruns: tuple[Execution, ...]

    @property
    def took(self) -> timedelta | None:
        """From the first attempt's start to the end."""
        first, last = self.execution.first_started_at, self.execution.finished_at
        return last - first if first and last else None

    @property
    def waited(self) -> timedelta | None:
        """From acceptance to the first attempt's start."""
        first = self.execution.first_started_at
        return first - self.execution.queued_at if first else None


def read(execution: Execution, *, level: Level) -> Record:
    """The record of an execution that was read together with its version; five queries."""
    attempts = list(Attempt.objects.of(execution.id))
    events = tuple(ExecutionEvent.objects.of(execution.id))
    version = execution.version
    return Record(
        execution=execution,
        params=masking.masked(execution.params, schema=version.params_schema),
        result=masking.masked(execution.result, schema=version.result_schema),
        attempts=tuple(_attempt_row(each, execution) for each in attempts[-ATTEMPT_LIMIT:]),
        attempts_hidden=max(len(attempts) - ATTEMPT_LIMIT, 0),
        log=_log(execution, level),
        calls=calls_of(execution, events),
        events=events,
        reruns=tuple(Execution.objects.reruns_of(execution.id)),
    )


def _attempt_row(attempt: Attempt, execution: Execution) -> AttemptRow:
    ended = attempt.finished_at
    return AttemptRow(
        attempt=attempt,
        took=ended - attempt.started_at if ended else None,
        next_words=_next_words(attempt, execution),
    )


def _next_words(attempt: Attempt, execution: Execution) -> str:
    match attempt.outcome:
        case AttemptOutcome.RUNNING:
            return "Asked to stop" if execution.cancel_requested_at else "Under way"
        case AttemptOutcome.SUCCEEDED:
            return _COMMITTED.get(execution.version.effect, "Done")
        case AttemptOutcome.RELEASED:
            return "Given back unbegun by a worker that stopped; not counted"
        case AttemptOutcome.CANCELLED:
            return "Stopped on request"
    reason = attempt.decision or "no reason recorded"
    if attempt.delay_seconds is None:
        return f"Gave up, {reason}"
    return f"Waited {attempt.delay_seconds:.1f} s, {reason}"


_COMMITTED = {
    "transactional": "Committed once",
    "external": "Done, outcome recorded",
    "none": "Done",
}


def _log(execution: Execution, level: Level) -> LogPage:
    numbered = [
        NumberedLine(number=number, line=line)
        for number, line in enumerate(LogLine.objects.of(execution.id), start=1)
    ]
    loud = [each for each in numbered if each.line.level in LOUD]
    chosen = loud if level == "errors" else numbered
    return LogPage(
        # The end of a log tells how it went.
        lines=tuple(chosen[-LOG_LIMIT:]),
        level=level,
        count=len(numbered),
        loud_count=len(loud),
    )
