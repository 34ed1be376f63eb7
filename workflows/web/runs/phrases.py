"""How a run stands, in words: the sentence of its page, and its second line in a list.

Floor 5, a door; values to words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from actions import sentences
from actions.models import Execution
from actions.sentences.parts import Part, Sentence, moment, quote, sentence, strong
from actions.states import ExecutionStatus
from workflows import reasons
from workflows.models import Run, RunEvent, Step
from workflows.states import RunEventType, RunStatus, StepStatus

SHOWN_NAMES = 3
MAX_QUOTE = 300
MAX_CAUSE = 1_500

Pieces = Iterator[str | Part]
Executions = Mapping[UUID, Execution]


def sentence_of(
    run: Run,
    active: Sequence[Step],
    *,
    executions: Executions,
    events: Sequence[RunEvent] = (),
) -> Sentence:
    """What the run came to or waits for, in one sentence that begins with its name."""
    subject = sentences.subject_of(run.params)
    who: list[str | Part] = [strong(run.workflow_name), f" for {subject} " if subject else " "]
    told = sentence([*who, *_pieces(run, active, executions, events=events)])
    return told if told.text.endswith((".", "!", "?", "…")) else sentence([*told.parts, "."])


def outcome_of(run: Run, active: Sequence[Step]) -> str:
    """The same without the name, for a row of a list."""
    if run.status == RunStatus.FAILED:
        return line_of(run.error)
    text = sentence(_pieces(run, active, {})).text
    return text[:1].upper() + text[1:]


def line_of(error: Mapping[str, object] | None) -> str:
    """The message of an error on one line."""
    return " ".join(str((error or {}).get("message") or (error or {}).get("code") or "").split())


def _pieces(
    run: Run, active: Sequence[Step], executions: Executions, *, events: Sequence[RunEvent] = ()
) -> Pieces:
    match run.status:
        case RunStatus.SUCCEEDED:
            yield f"succeeded in {_took(run)}"
        case RunStatus.FAILED:
            yield from ("failed: ", _cause(run))
        case RunStatus.CANCELLED:
            yield "was cancelled"
            yield from _by(RunEventType.CANCEL_REQUESTED, events)
            yield from (". ", _cause(run)) if run.error else ()
        case RunStatus.CANCELLING:
            yield "has been asked to stop"
            yield from _by(RunEventType.CANCEL_REQUESTED, events)
        case RunStatus.PAUSED:
            yield "is paused"
            yield from _by(RunEventType.PAUSED, events)
        case RunStatus.QUEUED:
            yield from ("waits for other runs of its concurrency key ", strong(_key(run)))
        case _ if run.reason in _ENDINGS:
            yield _ENDINGS[run.reason]
        case _:
            yield from _under_way(active, executions)


def _cause(run: Run) -> Part:
    """Why it failed, and at the end what was not undone."""
    text = line_of(run.error)
    rest = len(text) - MAX_CAUSE
    return quote(text if rest <= 0 else f"{text[:MAX_QUOTE]}… {text[MAX_QUOTE + rest :]}")


def _key(run: Run) -> str:
    return _short(run.concurrency_key or "")


_ENDINGS = {
    reasons.COMPENSATING: "ends badly, and what has succeeded is being undone",
    reasons.HANDLING_FAILURE: "has failed and calls its failure handler",
}


def _under_way(active: Sequence[Step], executions: Executions) -> Pieces:
    """What is furthest from its end is told first: a question, an event, a retry, a time."""
    told = sorted(active, key=lambda step: _urgency(step, executions))
    if not told:
        yield "is being looked at"
        return
    first = told[0]
    say = _WAITS.get(first.reason) if first.status == StepStatus.WAITING else None
    execution = executions.get(first.execution_id) if first.execution_id else None
    if say is not None:
        yield from say(first)
    elif first.wake_at is not None and first.kind == "wait":
        yield from ("waits at ", strong(first.name), " until ", _time(first.wake_at))
    elif execution is not None and execution.status == ExecutionStatus.RETRYING:
        yield from ("tries ", strong(first.name), " again at ", _time(execution.run_at), ": ")
        yield quote(_short(line_of(execution.error)))
    else:
        names = [step.name for step in told if step.status == StepStatus.QUEUED]
        rest = len(names) - SHOWN_NAMES
        yield from ("is at ", strong(", ".join(names[:SHOWN_NAMES])))
        yield f" and {rest} more" if rest > 0 else ""


def _urgency(step: Step, executions: Executions) -> int:
    if step.status == StepStatus.WAITING:
        return 0
    execution = executions.get(step.execution_id) if step.execution_id else None
    return 1 if execution is not None and execution.status == ExecutionStatus.RETRYING else 2


def _asked(step: Step) -> Pieces:
    yield from ("waits for an answer at ", strong(step.name), ": ", quote(_short(step.question)))


def _expecting(step: Step) -> Pieces:
    yield from ("waits for an event at ", strong(step.name))


def _blocked(step: Step) -> Pieces:
    is_missing = step.reason == reasons.ACTION_MISSING
    why = "is not in the catalogue" if is_missing else "is disabled"
    yield from ("waits at ", strong(step.name), f" for the action {step.blocked_on}, which {why}")


_WAITS: dict[str, Callable[[Step], Pieces]] = {
    reasons.ACTION_MISSING: _blocked,
    reasons.ACTION_DISABLED: _blocked,
    reasons.APPROVAL: _asked,
    reasons.EVENT: _expecting,
}


def _by(kind: RunEventType, events: Sequence[RunEvent]) -> Pieces:
    """By whom, and with which words: the last such event says so."""
    found = next((event for event in reversed(events) if event.type == kind), None)
    if found is None:
        return
    yield f" by {found.actor_label}"
    said = str(found.data.get("reason") or found.data.get("note") or "")
    if said:
        yield from (": ", quote(_short(said)))


def _time(at: datetime) -> Part:
    return moment(at, timezone.now())


def _short(text: str) -> str:
    return text if len(text) <= MAX_QUOTE else f"{text[:MAX_QUOTE]}…"


def _took(run: Run) -> str:
    if run.finished_at is None:
        return ""
    return sentences.duration(run.finished_at - (run.started_at or run.queued_at))
